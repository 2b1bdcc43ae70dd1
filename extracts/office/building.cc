// The building of approved extracts: one at a time, in a thread that gives way to the rest.
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "extracts/build/build.h"
#include "extracts/build/registry_timelines.h"
#include "extracts/office/anonymous.h"
#include "extracts/office/extract_office.h"
#include "extracts/office/state.h"
#include "indicators/query/position_token.h"
#include "registry/codelists/edition.h"
#include "registry/pseudonym/keyed_hash.h"

namespace kpr::extract {
namespace {

constexpr int kNice = 15;  // a build gives way to what takes events and answers

Result<std::vector<crypto::AgeRecipient>> RecipientsOf(const v1::ExtractRequest& request) {
  std::vector<crypto::AgeRecipient> recipients;
  for (const std::string& recipient : request.recipients()) {
    KPR_ASSIGN_OR_RETURN(recipients.emplace_back(), crypto::AgeRecipient::Parse(recipient));
  }
  return recipients;
}

// Ready, from now on.
void SetReady(const Clock& clock, std::vector<v1::ExtractFile> files, v1::Extract* extract) {
  extract->set_state(v1::Extract::STATE_READY);
  extract->set_progress(1);
  for (v1::ExtractFile& file : files) *extract->add_files() = std::move(file);
  *extract->mutable_built_at() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(clock.UnixMillis());
}

}  // namespace

Result<std::string> ExtractOffice::Key() const {
  auto key = ReadKeyFile(options_.key_file);
  if (key.ok() || key.status().code() != Code::kNotFound) return key;
  KPR_ASSIGN_OR_RETURN(const auto ids, store_.Ids());
  for (const std::string& id : ids) {
    KPR_ASSIGN_OR_RETURN(const v1::Extract extract, store_.Read(id));
    if (extract.positions().empty() || extract.request().has_anonymous()) continue;
    return FailedPrecondition(
        fmt::format("{}: the key of extracts is not there; put it back. No other is made: everybody in {} "
                    "would have another token",
                    options_.key_file, id));
  }
  KPR_RETURN_IF_ERROR(MakeKeyFile(options_.key_file));
  return ReadKeyFile(options_.key_file);
}

Result<v1::Extract> ExtractOffice::Build(const std::string& id) {
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(v1::Extract extract, Load(id));
  if (building_id_ == id) return extract;
  if (!building_id_.empty())
    return ResourceExhausted(
        fmt::format("{} is being built; build this one when it has ended", building_id_));
  if (stopping_) return Unavailable("the server stops; build when it is back");
  // Tables that are kept as given are given as they were.
  bool given = false;
  if (extract.request().has_anonymous()) {
    KPR_ASSIGN_OR_RETURN(given, options_.publications->HasGiven(id));
  }
  const bool again = extract.state() == v1::Extract::STATE_BUILDING ||
                     (extract.state() == v1::Extract::STATE_FAILED && given);
  if (!again) {
    // What has failed is built of what is known now: a reservation that has come since counts.
    if (extract.state() != v1::Extract::STATE_FAILED)
      KPR_RETURN_IF_ERROR(StateIs(extract, v1::Extract::STATE_APPROVED, "approved by two people"));
    KPR_RETURN_IF_ERROR(CheckFrame(extract.request()));
    extract.clear_positions();
    const std::vector<uint64_t> positions = PositionsOf(*options_.registry);
    KPR_RETURN_IF_ERROR(options_.registry->HasTimelines(positions));
    if (!extract.request().has_anonymous()) KPR_RETURN_IF_ERROR(Key().status());
    for (const uint64_t position : positions) extract.add_positions(position);
    extract.set_data_day(options_.registry->horizon().ToString());
    extract.set_software(options_.software);
    extract.set_code_lists(EditionInUse().version);
  }
  extract.set_state(v1::Extract::STATE_BUILDING);
  extract.clear_failure();
  KPR_RETURN_IF_ERROR(store_.Write(extract));
  StartBuilding(extract);
  return extract;
}

Status ExtractOffice::Resume() {
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(const auto ids, store_.Ids());
  for (const std::string& id : ids) {
    KPR_ASSIGN_OR_RETURN(const v1::Extract extract, Load(id));
    if (extract.state() == v1::Extract::STATE_BUILDING && building_id_.empty()) StartBuilding(extract);
  }
  return {};
}

void ExtractOffice::Stop() {
  std::thread building;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    building = std::move(building_);
    changed_.NotifyAll();
  }
  if (building.joinable()) building.join();
}

// What began by other code lists, before a restart, would not be what its manifest says.
static Status CheckCodeLists(const v1::Extract& extract) {
  if (extract.code_lists().empty() || extract.code_lists() == EditionInUse().version) return {};
  return FailedPrecondition("the code lists have changed since the build began: build it again");
}

void ExtractOffice::StartBuilding(const v1::Extract& extract) {
  if (stopping_) return;
  if (building_.joinable()) building_.join();  // it has ended: the one that runs has an id
  building_id_ = extract.id();
  progress_ = 0;
  revoked_ = false;
  building_ = std::thread([this, extract] {
    // Of this thread alone, as Linux has it.
    setpriority(PRIO_PROCESS, 0, kNice);
    const EditionScope one;
    const Status same = CheckCodeLists(extract);
    const Status status = same.ok() ? RunBuild(extract) : same;
    const MutexLock done(mutex_);
    building_id_.clear();
    auto now = store_.Read(extract.id());
    // Interrupted by the end of the process, it stays as it is and is resumed.
    const bool failed = !status.ok() && !stopping_ && now.ok() && now->state() == v1::Extract::STATE_BUILDING;
    if (failed) {
      now->set_state(v1::Extract::STATE_FAILED);
      now->set_failure(status.message());
      (void)store_.Write(*now);
    }
    changed_.NotifyAll();
  });
}

Status ExtractOffice::RecordBuilt(const v1::Extract& extract, const std::string& what) const {
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_EXTRACT_BUILT);
  record.set_principal(extract.proposed_by());
  record.set_purpose(CutText(extract.request().purpose(), limits::kPurposeBytes));
  record.set_subject(extract.id());
  record.set_outcome("built: " + what);
  return options_.audit->Record(record);
}

// Also those that are over: what was given cannot be taken back.
Result<std::vector<EarlierExtract>> ExtractOffice::EarlierOf(const v1::Extract& extract,
                                                             const std::string& key) const {
  std::vector<EarlierExtract> earlier;
  KPR_ASSIGN_OR_RETURN(const auto ids, store_.Ids());
  for (const std::string& id : ids) {
    KPR_ASSIGN_OR_RETURN(const v1::Extract other, store_.Read(id));
    const bool given =
        other.request().project() == extract.request().project() && !other.content_sha256().empty();
    if (!given || id == extract.id()) continue;
    EarlierExtract& one = earlier.emplace_back();
    one.id = id;
    KPR_ASSIGN_OR_RETURN(one.plan, RequestPlan::Create(other.request(), key));
    one.plan->Group(std::vector<v1::GroupedCodes>(other.grouped().begin(), other.grouped().end()));
    one.contents = {other.content_sha256().begin(), other.content_sha256().end()};
    one.positions = {other.positions().begin(), other.positions().end()};
    KPR_ASSIGN_OR_RETURN(one.persons, store_.ReadPersons(id));
  }
  return earlier;
}

Status ExtractOffice::RunBuild(const v1::Extract& begun) {
  v1::Extract extract = begun;
  KPR_RETURN_IF_ERROR(store_.RemoveFiles(extract.id()));
  KPR_RETURN_IF_ERROR(extract.request().has_anonymous() ? BuildTables(&extract) : BuildRows(&extract));
  const MutexLock lock(mutex_);
  return revoked_ ? store_.RemoveFiles(extract.id()) : store_.Write(extract);
}

Status ExtractOffice::MayProceed(bool look_at_disk) const {
  if (stopping_ || revoked_) return Unavailable("interrupted; build again to continue");
  // A disk that an extract fills takes no events.
  return look_at_disk && options_.guard != nullptr ? options_.guard->CheckAppend(limits::kExtractRoom)
                                                   : Status();
}

Status ExtractOffice::BuildRows(v1::Extract* extract) {
  BuildOptions options;
  options.folder = store_.FilesOf(extract->id());
  KPR_ASSIGN_OR_RETURN(options.recipients, RecipientsOf(extract->request()));
  options.policy = options_.policy;
  options.described = *extract;
  options.reading.proceed = [this, asked = 0u]() mutable -> Status {
    constexpr unsigned kBetween = 1024;
    return MayProceed(asked++ % kBetween == 0);
  };
  options.reading.progress = [this](double share) {
    progress_ = share;
    changed_.NotifyAll();
  };
  KPR_ASSIGN_OR_RETURN(std::string key, Key());
  KPR_ASSIGN_OR_RETURN(const auto plan, RequestPlan::Create(extract->request(), key));
  const RegistryTimelines source(options_.registry,
                                 {extract->positions().begin(), extract->positions().end()});
  KPR_ASSIGN_OR_RETURN(options.earlier, EarlierOf(*extract, key));
  ClearKey(&key);
  std::optional<RegistryTimelines> earlier_source;
  if (!extract->delta_to().empty()) {
    const auto one =
        std::find_if(options.earlier.begin(), options.earlier.end(),
                     [&](const EarlierExtract& given) { return given.id == extract->delta_to(); });
    if (one == options.earlier.end()) return DataLoss(extract->delta_to() + ": is no longer there");
    earlier_source.emplace(options_.registry, one->positions);
    options.delta_to = Held{&*earlier_source, one->persons, one->contents, one->plan.get()};
  }
  Built built;
  const Status status = kpr::extract::Build(source, plan.get(), options, &built);
  *extract->mutable_risk() = built.risk;
  if (status.code() == Code::kFailedPrecondition && built.refused) {
    extract->set_state(v1::Extract::STATE_REFUSED);
    extract->set_failure(status.message());
    return {};
  }
  KPR_RETURN_IF_ERROR(status);
  extract->set_persons(built.persons.size());
  extract->set_rows(built.rows);
  if (!extract->delta_to().empty()) *extract->mutable_delta() = built.delta;
  for (v1::GroupedCodes& grouped : built.grouped) *extract->add_grouped() = std::move(grouped);
  for (std::string& hash : built.contents) extract->add_content_sha256(std::move(hash));
  SetReady(*options_.clock, std::move(built.files), extract);
  KPR_ASSIGN_OR_RETURN(const std::string persons,
                       store_.WritePersons(extract->id(), std::move(built.persons)));
  // Nobody can fetch it before the record of who is in it is durable.
  return RecordBuilt(*extract, fmt::format("{} rows on {} persons, whose list has the SHA-256 {}",
                                           extract->rows(), extract->persons(), persons));
}

// The hidden figures of these tables follow from nothing that anybody has.
Status ExtractOffice::BuildTables(v1::Extract* extract) {
  KPR_ASSIGN_OR_RETURN(const v1::PublicationPlan plan, PlanOf(extract->request()));
  const std::string position = PositionToken({extract->positions().begin(), extract->positions().end()});
  auto tables =
      options_.publications->Give(extract->id(), plan, position, [this] { return MayProceed(true); });
  if (tables.status().code() == Code::kFailedPrecondition) {
    extract->set_state(v1::Extract::STATE_REFUSED);
    // Which figure, and how narrow it is, would tell it.
    extract->set_failure(
        "what others have seen leaves nothing to hide figures of these tables behind, or shows them in other "
        "periods or "
        "another structure year: ask for coarser ones, or for those that releases have");
    return {};
  }
  KPR_RETURN_IF_ERROR(tables.status());
  KPR_ASSIGN_OR_RETURN(const auto recipients, RecipientsOf(extract->request()));
  KPR_ASSIGN_OR_RETURN(std::vector<v1::ExtractFile> files,
                       WriteTables(*tables, *extract, store_.FilesOf(extract->id()), recipients));
  for (const v1::ExtractFile& file : files) extract->set_rows(extract->rows() + file.rows());
  const size_t count = files.size();
  SetReady(*options_.clock, std::move(files), extract);
  return RecordBuilt(*extract, fmt::format("{} files of anonymous tables", count));
}

}  // namespace kpr::extract
