#include "indicators/publication/publication_office.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/crypto/hash.h"
#include "base/date.h"
#include "base/files.h"
#include "indicators/publication/amount_sums.h"
#include "indicators/publication/figures.h"
#include "indicators/publication/plan.h"
#include "indicators/publication/preview.h"
#include "indicators/publication/sign_off.h"
#include "indicators/query/position_token.h"
#include "registry/codelists/edition.h"

namespace kpr::publication {
namespace {

google::protobuf::Timestamp Timestamp(const Clock& clock) {
  return google::protobuf::util::TimeUtil::MillisecondsToTimestamp(clock.UnixMillis());
}

Date Today(const Clock& clock) {
  return Date{static_cast<int32_t>(clock.UnixMillis() / 86'400'000)};
}

// Municipalities, names and size groups of a draft are of one edition. Drafts of earlier versions name none:
// they had one.
Status CheckCodeLists(const v1::Draft& draft) {
  const std::string& by = draft.code_lists().empty() ? BuiltInEdition().version : draft.code_lists();
  if (by == EditionInUse().version) return {};
  return FailedPrecondition(
      fmt::format("the code lists have changed since '{}' was drafted: draft it again", draft.series()));
}

}  // namespace

void PublicationOffice::Stop() {
  stopping_ = true;
  std::map<std::string, std::thread> computing;
  {
    MutexLock lock(mutex_);
    computing.swap(computing_);
  }
  for (auto& [series, thread] : computing) thread.join();
}

Result<v1::Draft> PublicationOffice::CreateDraft(const v1::CreateDraftRequest& request,
                                                 const std::string& principal) {
  const EditionScope one;
  KPR_ASSIGN_OR_RETURN(v1::PublicationPlan plan,
                       ParsePlan(request.plan(), request.file_name().empty() ? "plan" : request.file_name(),
                                 options_.query->Definitions()));
  KPR_ASSIGN_OR_RETURN(const std::shared_ptr<const CellSource> source, options_.query->Snapshot());
  if (source->horizon().days == 0) return FailedPrecondition("the register has no data yet");
  MutexLock lock(mutex_);
  if (auto running = computing_.find(plan.id()); running != computing_.end()) {
    const auto before = store_.ReadDraft(plan.id());
    if (before.ok() && before->draft().state() == v1::Draft::STATE_COMPUTING) {
      return FailedPrecondition("a draft of '" + plan.id() + "' is being computed; wait until it is ready");
    }
    running->second.join();
    computing_.erase(running);
  }
  KPR_ASSIGN_OR_RETURN(const v1::PublicationPlan last, store_.ReadLastPlan(plan.id()));
  KPR_RETURN_IF_ERROR(SetPools(last, *source, plan));
  KPR_RETURN_IF_ERROR(store_.RemoveDraft(plan.id()));
  v1::Draft draft;
  draft.set_series(plan.id());
  draft.set_state(v1::Draft::STATE_COMPUTING);
  draft.set_tables(static_cast<uint32_t>(plan.tables_size()));
  draft.set_position(PositionToken(source->positions()));
  draft.set_horizon(source->horizon().ToString());
  draft.set_code_lists(EditionInUse().version);
  draft.set_drafted_by(principal);
  *draft.mutable_drafted_at() = Timestamp(*options_.clock);
  *draft.mutable_plan() = std::move(plan);
  KPR_RETURN_IF_ERROR(store_.WriteDraft(draft));
  StartComputing(draft.series(), source);
  return draft;
}

void PublicationOffice::StartComputing(const std::string& series, std::shared_ptr<const CellSource> source) {
  computing_[series] = std::thread([this, series, source = std::move(source)] {
    const Status status = Compute(series, source);
    if (status.ok() || stopping_) return;
    MutexLock lock(mutex_);
    auto stored = store_.ReadDraft(series);
    if (!stored.ok()) return;
    stored->mutable_draft()->set_state(v1::Draft::STATE_FAILED);
    stored->mutable_draft()->set_failure(status.message());
    (void)store_.WriteDraft(stored->draft());
  });
}

Status PublicationOffice::Compute(const std::string& series,
                                  const std::shared_ptr<const CellSource>& snapshot) {
  for (;;) {
    if (stopping_) return {};
    v1::Draft draft;
    {
      MutexLock lock(mutex_);
      KPR_ASSIGN_OR_RETURN(const v1::StoredDraft stored, store_.ReadDraft(series));
      draft = stored.draft();
    }
    const EditionScope one;
    KPR_RETURN_IF_ERROR(CheckCodeLists(draft));
    const auto index = static_cast<int>(draft.tables_done());
    if (index == draft.plan().tables_size()) return {};
    const v1::TablePlan& plan = draft.plan().tables(index);
    std::shared_ptr<const CellSource> source = snapshot;
    if (source == nullptr) {
      KPR_ASSIGN_OR_RETURN(source,
                           options_.query->SourceAt(plan.indicator(), plan.version(), draft.position()));
    }
    KPR_ASSIGN_OR_RETURN(const v1::ReleaseTable table,
                         ComputeTable(*options_.query, *source, plan, {&draft.plan(), {}}));
    MutexLock lock(mutex_);
    KPR_RETURN_IF_ERROR(store_.WriteDraftTable(series, index, table));
    draft.set_tables_done(draft.tables_done() + 1);
    if (draft.tables_done() == draft.tables()) draft.set_state(v1::Draft::STATE_READY);
    KPR_RETURN_IF_ERROR(store_.WriteDraft(draft));
    // Nothing after this: whoever sees that the draft is ready may wait for this thread, and holds the lock.
    if (draft.state() == v1::Draft::STATE_READY) return {};
  }
}

Result<std::vector<v1::ReleaseTable>> PublicationOffice::TablesOf(const v1::StoredDraft& stored,
                                                                  const Earlier& earlier) const {
  const v1::Draft& draft = stored.draft();
  const bool closed = Closed(draft.plan().sign_off(), Today(*options_.clock));
  FigureOptions options{&draft.plan(), {}};
  std::vector<std::string> carried;
  for (const std::string& code : MunicipalitiesOf(draft.plan())) {
    if (Approved(draft, code, closed) || TreatmentOf(draft, code) == v1::UNAPPROVED_PUBLISH) continue;
    options.excluded.insert(Municipality::Parse(code)->code);
    if (TreatmentOf(draft, code) == v1::UNAPPROVED_CARRY_FORWARD) carried.push_back(code);
  }
  std::vector<v1::ReleaseTable> tables(stored.tables().begin(), stored.tables().end());
  for (size_t i = 0; i < tables.size(); ++i) {
    if (!options.excluded.empty()) {
      const v1::TablePlan& plan = draft.plan().tables(static_cast<int>(i));
      KPR_ASSIGN_OR_RETURN(const auto source,
                           options_.query->SourceAt(plan.indicator(), plan.version(), draft.position()));
      KPR_ASSIGN_OR_RETURN(tables[i], ComputeTable(*options_.query, *source, plan, options));
    }
    for (const std::string& code : carried) {
      if (earlier.last_structure_year == draft.plan().structure_year())
        CarryForward(code, earlier.last_tables, tables[i]);
    }
    CountApproved(draft, closed, tables[i]);
  }
  if (draft.plan().policy().method() != v1::METHOD_ROUND) FindSums(tables);
  return tables;
}

Result<std::shared_ptr<const PublicationOffice::Prepared>> PublicationOffice::Prepare(
    const v1::StoredDraft& stored) {
  const v1::Draft& draft = stored.draft();
  const EditionScope one;
  KPR_RETURN_IF_ERROR(CheckCodeLists(draft));
  std::string made_of = fmt::format("{} {} {} ", draft.drafted_at().seconds(), draft.position(),
                                    draft.plan().SerializeAsString());
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> all_series, store_.Series());
  for (const std::string& series : all_series) {
    KPR_ASSIGN_OR_RETURN(const uint32_t last, store_.LastNumber(series));
    made_of += fmt::format("{} {} ", series, last);
  }
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> given, store_.GivenIds());
  made_of += fmt::format("{} {}", fmt::join(given, " "),
                         Closed(draft.plan().sign_off(), Today(*options_.clock)) ? "closed" : "open");
  for (const v1::SignOff& sign_off : stored.draft().sign_offs()) made_of += sign_off.SerializeAsString();
  MutexLock lock(preparing_);
  if (prepared_ != nullptr && prepared_->made_of == made_of) return prepared_;
  KPR_ASSIGN_OR_RETURN(Earlier earlier, store_.ReadEarlier(draft.plan()));
  KPR_RETURN_IF_ERROR(store_.ReadLast(draft.series(), &earlier));
  auto prepared = std::make_shared<Prepared>();
  prepared->made_of = std::move(made_of);
  KPR_ASSIGN_OR_RETURN(prepared->draft, TablesOf(stored, earlier));
  KPR_ASSIGN_OR_RETURN(prepared->release, PrepareRelease(stored.draft().plan(), prepared->draft, earlier));
  prepared_ = std::move(prepared);
  return prepared_;
}

Result<std::vector<v1::DraftSummary>> PublicationOffice::Drafts() {
  std::vector<v1::DraftSummary> drafts;
  MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> all_series, store_.Series());
  for (const std::string& series : all_series) {
    const auto head = store_.ReadDraftHead(series);
    if (!head.ok() && head.status().code() == Code::kNotFound) continue;
    KPR_RETURN_IF_ERROR(head.status());
    drafts.push_back(SummaryOf(*head));
  }
  return drafts;
}

Result<v1::Draft> PublicationOffice::GetDraft(const std::string& series) {
  v1::StoredDraft stored;
  {
    MutexLock lock(mutex_);
    KPR_ASSIGN_OR_RETURN(stored, store_.ReadDraft(series));
    const bool interrupted =
        stored.draft().state() == v1::Draft::STATE_COMPUTING && !computing_.contains(series);
    if (interrupted && !stopping_) StartComputing(series, nullptr);
  }
  v1::Draft& draft = *stored.mutable_draft();
  draft.clear_not_signed_off();
  if (draft.plan().sign_off().required()) {
    for (const std::string& code : MunicipalitiesOf(draft.plan())) {
      if (SignOffOf(draft, code) == nullptr) draft.add_not_signed_off(code);
    }
  }
  if (draft.state() != v1::Draft::STATE_READY && draft.state() != v1::Draft::STATE_APPROVED) return draft;
  KPR_ASSIGN_OR_RETURN(const auto prepared, Prepare(stored));
  const PreparedRelease& release = prepared->release;
  draft.mutable_reviews()->Assign(release.reviews.begin(), release.reviews.end());
  for (const auto& pair : release.small_differences) *draft.add_small_differences() = pair;
  // Whoever has answered after the approval has changed what was approved.
  if (draft.state() == v1::Draft::STATE_APPROVED && draft.content_hash() != release.content_hash) {
    draft.set_state(v1::Draft::STATE_READY);
    draft.clear_approved_by();
  }
  draft.set_content_hash(release.content_hash);
  return draft;
}

Result<v1::DraftPreview> PublicationOffice::Preview(const v1::PreviewDraftRequest& request) {
  v1::StoredDraft stored;
  {
    MutexLock lock(mutex_);
    KPR_ASSIGN_OR_RETURN(stored, store_.ReadDraft(request.series()));
  }
  if (stored.draft().state() == v1::Draft::STATE_COMPUTING) {
    return Unavailable("the draft is being computed; try again");
  }
  const EditionScope one;
  KPR_RETURN_IF_ERROR(CheckCodeLists(stored.draft()));
  Earlier earlier;
  KPR_RETURN_IF_ERROR(store_.ReadLast(request.series(), &earlier));
  return PreviewOf(stored, request.municipality(), earlier.last_tables);
}

Result<v1::SignOff> PublicationOffice::SignOffDraft(const v1::SignOffDraftRequest& request,
                                                    const std::string& principal) {
  const EditionScope one;
  MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(v1::StoredDraft stored, store_.ReadDraft(request.series()));
  v1::Draft& draft = *stored.mutable_draft();
  KPR_RETURN_IF_ERROR(CheckCodeLists(draft));
  const v1::SignOffRule& rule = draft.plan().sign_off();
  if (!rule.required())
    return FailedPrecondition("the plan of '" + request.series() + "' asks for no sign-off");
  const auto codes = MunicipalitiesOf(draft.plan());
  if (std::count(codes.begin(), codes.end(), request.municipality()) == 0) {
    return Invalid(fmt::format("municipality: expected a municipality of {}", draft.plan().structure_year()));
  }
  if (request.answer() != v1::SignOff::ANSWER_APPROVED && request.answer() != v1::SignOff::ANSWER_OBJECTED) {
    return Invalid("answer: expected an approval or an objection");
  }
  if (request.answer() == v1::SignOff::ANSWER_OBJECTED && request.text().empty()) {
    return Invalid("text: an objection says what is wrong");
  }
  if (request.text().size() > 4000) return Invalid("text: at most 4,000 bytes");
  if (Closed(rule, Today(*options_.clock))) {
    return FailedPrecondition("the deadline was " + rule.deadline());
  }
  if (draft.state() != v1::Draft::STATE_READY && draft.state() != v1::Draft::STATE_APPROVED) {
    return FailedPrecondition("the draft is not ready");
  }
  v1::SignOff* sign_off = nullptr;
  for (v1::SignOff& given : *draft.mutable_sign_offs()) {
    if (given.municipality() == request.municipality()) sign_off = &given;
  }
  if (sign_off == nullptr) sign_off = draft.add_sign_offs();
  sign_off->set_municipality(request.municipality());
  sign_off->set_answer(request.answer());
  sign_off->set_text(request.text());
  sign_off->set_principal(principal);
  *sign_off->mutable_at() = Timestamp(*options_.clock);
  const v1::SignOff given = *sign_off;
  KPR_RETURN_IF_ERROR(store_.WriteDraft(draft));
  return given;
}

Result<v1::Draft> PublicationOffice::Approve(const v1::ApproveDraftRequest& request,
                                             const std::string& principal) {
  KPR_ASSIGN_OR_RETURN(v1::Draft draft, GetDraft(request.series()));
  if (draft.state() != v1::Draft::STATE_READY && draft.state() != v1::Draft::STATE_APPROVED) {
    return FailedPrecondition("the draft is not ready");
  }
  if (draft.drafted_by() == principal) {
    return FailedPrecondition("who made the draft cannot approve it: a second person does");
  }
  const v1::SignOffRule& rule = draft.plan().sign_off();
  if (!draft.not_signed_off().empty() && !Closed(rule, Today(*options_.clock))) {
    return FailedPrecondition(fmt::format("{} municipalities have not answered and may until {}",
                                          draft.not_signed_off_size(), rule.deadline()));
  }
  if (request.content_hash() != draft.content_hash()) {
    return FailedPrecondition("the draft is not what was reviewed any more: review it again");
  }
  MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(v1::StoredDraft stored, store_.ReadDraft(request.series()));
  stored.mutable_draft()->set_state(v1::Draft::STATE_APPROVED);
  stored.mutable_draft()->set_approved_by(principal);
  stored.mutable_draft()->set_content_hash(request.content_hash());
  KPR_RETURN_IF_ERROR(store_.WriteDraft(stored.draft()));
  draft.set_state(v1::Draft::STATE_APPROVED);
  draft.set_approved_by(principal);
  return draft;
}

Result<crypto::SigningKey> PublicationOffice::Key() const {
  std::error_code error;
  if (std::filesystem::exists(options_.signing_key, error) || error) {
    auto pem = kpr::ReadFile(options_.signing_key);
    if (!pem.ok()) return Unavailable(options_.signing_key + ": cannot be read");
    auto key = crypto::SigningKey::FromPem(*pem);
    if (!key.ok()) return key.status().WithContext(options_.signing_key);
    return key;
  }
  // A lost key must not be replaced in silence: readers know the chain by it.
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> all_series, store_.Series());
  for (const std::string& series : all_series) {
    KPR_ASSIGN_OR_RETURN(const uint32_t last, store_.LastNumber(series));
    if (last > 0) return DataLoss(options_.signing_key + " is missing: restore the key of the releases");
  }
  KPR_ASSIGN_OR_RETURN(crypto::SigningKey key, crypto::SigningKey::Generate());
  KPR_RETURN_IF_ERROR(WriteFileDurably(options_.signing_key, key.ToPem(), 0600));
  return key;
}

Result<v1::Release> PublicationOffice::Publish(const std::string& series, const std::string& principal) {
  KPR_ASSIGN_OR_RETURN(const crypto::SigningKey key, Key());
  const EditionScope one;
  MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(const v1::StoredDraft stored, store_.ReadDraft(series));
  const v1::Draft& draft = stored.draft();
  if (draft.state() != v1::Draft::STATE_APPROVED) {
    return FailedPrecondition(
        "the draft is not approved: another person approves it with 'kpr release approve'");
  }
  KPR_ASSIGN_OR_RETURN(const auto prepared, Prepare(stored));
  if (prepared->release.content_hash != draft.content_hash()) {
    return FailedPrecondition(
        "what was approved has changed since, so it is not approved: review and approve it again");
  }
  v1::Release manifest;
  manifest.set_format(1);
  manifest.set_series(series);
  KPR_ASSIGN_OR_RETURN(const uint32_t last, store_.LastNumber(series));
  manifest.set_number(last + 1);
  *manifest.mutable_title() = draft.plan().title();
  *manifest.mutable_released_at() = Timestamp(*options_.clock);
  manifest.set_position_sha256(crypto::Sha256(draft.position()));
  manifest.set_horizon(draft.horizon());
  manifest.set_structure_year(draft.plan().structure_year());
  manifest.set_code_lists(EditionInUse().version);
  manifest.set_next_release(draft.plan().next_release());
  *manifest.mutable_policy() = draft.plan().policy();
  manifest.set_drafted_by(draft.drafted_by());
  manifest.set_approved_by(draft.approved_by());
  manifest.set_published_by(principal);
  if (manifest.number() > 1) {
    KPR_ASSIGN_OR_RETURN(const std::string before,
                         store_.ReadPublic(series, manifest.number() - 1, kManifestFile));
    manifest.set_previous_sha256(crypto::Sha256(before));
  }
  auto files = MakeFiles(draft.plan(), prepared->release.tables, prepared->release.certificate,
                         prepared->release.revisions);
  for (const embedded::File& list : EditionInUse().files)
    files.push_back({kCodeListFolder + list.name, list.content});
  for (const PublicFile& file : files) {
    v1::ReleaseFile* listed = manifest.add_files();
    listed->set_name(file.name);
    listed->set_bytes(file.content.size());
    listed->set_sha256(crypto::Sha256(file.content));
  }
  manifest.set_public_key(key.public_key());
  manifest.set_software(options_.software);
  v1::StoredRelease kept;
  *kept.mutable_plan() = draft.plan();
  for (const v1::ReleaseTable& table : prepared->draft) *kept.add_tables() = table;
  kept.set_shown(prepared->release.shown);
  kept.set_position(draft.position());
  kept.set_structure_hash(Structure::Of(static_cast<int>(draft.plan().structure_year())).hash());
  *kept.mutable_released_at() = manifest.released_at();
  KPR_ASSIGN_OR_RETURN(const std::string signature, key.Sign(ToJson(manifest)));
  KPR_RETURN_IF_ERROR(store_.WriteRelease(manifest, signature, files, kept));
  KPR_RETURN_IF_ERROR(store_.RemoveDraft(series));
  return manifest;
}

}  // namespace kpr::publication
