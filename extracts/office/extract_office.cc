#include "extracts/office/extract_office.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "base/limits.h"
#include "extracts/build/registry_timelines.h"
#include "extracts/files/formats.h"
#include "extracts/office/anonymous.h"
#include "extracts/office/state.h"
#include "extracts/request/request.h"

namespace kpr::extract {
namespace {

constexpr int64_t kMillisOfDay = 86'400'000;

bool Approved(const v1::Extract& extract, const std::string& role) {
  return std::any_of(extract.decisions().begin(), extract.decisions().end(), [&](const auto& decision) {
    return decision.kind() == v1::ExtractDecision::KIND_APPROVED && decision.role() == role;
  });
}

// What makes two requests ask for the same rows.
v1::ExtractRequest ContentOf(v1::ExtractRequest request) {
  request.clear_recipients();
  request.clear_expires_on();
  request.clear_formats();
  request.clear_linkage();
  return request;
}

// A delta is to what the recipient has: an extract of the same rows that was given.
Status CheckDelta(const v1::Extract& earlier, const v1::ExtractRequest& request) {
  if (earlier.state() != v1::Extract::STATE_READY && earlier.state() != v1::Extract::STATE_EXPIRED)
    return FailedPrecondition(fmt::format("delta_to: {} is not one that was given", earlier.id()));
  if (earlier.request().has_anonymous())
    return Invalid("delta_to: anonymous tables have no delta; ask for them again");
  if (earlier.content_sha256().empty())
    return FailedPrecondition(fmt::format("delta_to: {} was never built", earlier.id()));
  if (HashOf(ContentOf(earlier.request())) != HashOf(ContentOf(request)))
    return Invalid(fmt::format(
        "delta_to: {} is of another request; only formats, recipients, expires_on and linkage can differ",
        earlier.id()));
  return {};
}

// Whether nobody may fetch it any longer.
bool IsOver(const v1::Extract& extract) {
  return extract.state() == v1::Extract::STATE_REVOKED || extract.state() == v1::Extract::STATE_REJECTED ||
         extract.state() == v1::Extract::STATE_EXPIRED;
}

std::vector<std::string> AllFindings(const v1::ExtractRequest& request, Date today) {
  std::vector<std::string> findings = Findings(request, WritableFormats());
  for (std::string& finding : DeliveryFindings(request, today)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace

Date ExtractOffice::Today() const {
  return {static_cast<int32_t>(options_.clock->UnixMillis() / kMillisOfDay)};
}

v1::ExtractDecision ExtractOffice::DecisionOf(v1::ExtractDecision::Kind kind, const Decider& decider,
                                              const std::string& text) const {
  v1::ExtractDecision decision;
  decision.set_kind(kind);
  decision.set_principal(decider.principal);
  decision.set_role(decider.role);
  decision.set_text(text);
  *decision.mutable_at() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(options_.clock->UnixMillis());
  return decision;
}

Result<v1::ExtractCheck> ExtractOffice::Check(const v1::CheckExtractRequest& request) const {
  KPR_ASSIGN_OR_RETURN(const v1::ExtractRequest parsed, ParseRequest(request.request(), request.file_name()));
  v1::ExtractCheck check;
  check.set_request_sha256(HashOf(parsed));
  check.set_anonymous(parsed.has_anonymous());
  for (std::string& finding : AllFindings(parsed, Today())) check.add_findings(std::move(finding));
  if (check.findings().empty()) {
    if (const Status frame = CheckFrame(parsed); !frame.ok()) check.add_findings(frame.message());
  }
  // How much anonymous tables hide is known when they are made.
  if (!check.findings().empty() || parsed.has_anonymous()) return check;
  const std::vector<uint64_t> positions = PositionsOf(*options_.registry);
  KPR_RETURN_IF_ERROR(options_.registry->HasTimelines(positions));
  // Tokens take no part in a count, so any key does.
  KPR_ASSIGN_OR_RETURN(const auto plan, RequestPlan::Create(parsed, std::string(32, '\0')));
  KPR_ASSIGN_OR_RETURN(const Estimate estimate, EstimateSize(RegistryTimelines(options_.registry, positions),
                                                             plan.get(), options_.policy.beside_releases));
  check.set_persons(estimate.persons);
  check.set_rows(estimate.rows);
  check.set_at_risk(estimate.at_risk);
  return check;
}

Result<v1::Extract> ExtractOffice::Propose(const v1::ProposeExtractRequest& request,
                                           const std::string& principal) {
  KPR_ASSIGN_OR_RETURN(v1::ExtractRequest parsed, ParseRequest(request.request(), request.file_name()));
  const auto findings = AllFindings(parsed, Today());
  if (!findings.empty())
    return Invalid(fmt::format("{}: {}", request.file_name(), fmt::join(findings, "\n  ")));
  KPR_RETURN_IF_ERROR(CheckFrame(parsed).WithContext(request.file_name()));
  if (parsed.linkage().linker() == principal)
    return Invalid("linkage: who gets the rows does not link them; name another");
  const MutexLock lock(mutex_);
  KPR_RETURN_IF_ERROR(CheckLinkers(parsed, ""));
  KPR_ASSIGN_OR_RETURN(const auto ids, store_.Ids());
  uint32_t number = 1;
  for (const std::string& id : ids) {
    KPR_ASSIGN_OR_RETURN(const v1::Extract other, store_.Read(id));
    if (other.request().project() != parsed.project()) continue;
    ++number;
    // Tokens are a project's own: who has them is who began it.
    if (other.proposed_by() != principal)
      return FailedPrecondition(fmt::format("project '{}' is another's; use another name", parsed.project()));
  }
  v1::Extract extract;
  if (!request.delta_to().empty()) {
    // Among the project's own, so that nothing is told of any other.
    const Status no_such = NotFound(
        fmt::format("delta_to: project '{}' has no extract '{}'", parsed.project(), request.delta_to()));
    if (std::find(ids.begin(), ids.end(), request.delta_to()) == ids.end()) return no_such;
    KPR_ASSIGN_OR_RETURN(const v1::Extract earlier, Load(request.delta_to()));
    if (earlier.request().project() != parsed.project()) return no_such;
    KPR_RETURN_IF_ERROR(CheckDelta(earlier, parsed));
    extract.set_delta_to(request.delta_to());
  }
  extract.set_id(fmt::format("{}-{}", parsed.project(), number));
  extract.set_state(v1::Extract::STATE_PROPOSED);
  extract.set_request_sha256(HashOf(parsed));
  *extract.mutable_request() = std::move(parsed);
  extract.set_proposed_by(principal);
  *extract.mutable_proposed_at() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(options_.clock->UnixMillis());
  KPR_RETURN_IF_ERROR(store_.Write(extract));
  return extract;
}

Result<v1::Extract> ExtractOffice::Approve(const v1::DecideExtractRequest& request, const Decider& decider) {
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(v1::Extract extract, Load(request.id()));
  KPR_RETURN_IF_ERROR(StateIs(extract, v1::Extract::STATE_PROPOSED, "proposed"));
  if (request.request_sha256() != extract.request_sha256())
    return FailedPrecondition(fmt::format("{} is the request {}: read it, and approve what you have read",
                                          extract.id(), extract.request_sha256()));
  if (decider.principal == extract.proposed_by())
    return FailedPrecondition("who proposes an extract does not approve it");
  KPR_RETURN_IF_ERROR(CheckLinkers(extract.request(), decider.principal));
  for (const v1::ExtractDecision& decision : extract.decisions()) {
    if (decision.principal() == decider.principal)
      return FailedPrecondition(
          fmt::format("{} has approved it already; the other role is another person's", decider.principal));
    if (decision.role() == decider.role)
      return FailedPrecondition(fmt::format("a {} has approved it already", decider.role));
  }
  *extract.add_decisions() = DecisionOf(v1::ExtractDecision::KIND_APPROVED, decider, request.text());
  if (Approved(extract, kCaseOfficer) && Approved(extract, kDataProtectionOfficer))
    extract.set_state(v1::Extract::STATE_APPROVED);
  KPR_RETURN_IF_ERROR(store_.Write(extract));
  return extract;
}

Result<v1::Extract> ExtractOffice::Reject(const v1::DecideExtractRequest& request, const Decider& decider) {
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(v1::Extract extract, Load(request.id()));
  if (extract.state() != v1::Extract::STATE_APPROVED)
    KPR_RETURN_IF_ERROR(StateIs(extract, v1::Extract::STATE_PROPOSED, "proposed or approved"));
  if (request.text().empty()) return Invalid("text: say why it is rejected");
  *extract.add_decisions() = DecisionOf(v1::ExtractDecision::KIND_REJECTED, decider, request.text());
  extract.set_state(v1::Extract::STATE_REJECTED);
  KPR_RETURN_IF_ERROR(store_.Write(extract));
  return extract;
}

Result<v1::Extract> ExtractOffice::Revoke(const v1::DecideExtractRequest& request, const Decider& decider) {
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(v1::Extract extract, Load(request.id()));
  if (extract.state() == v1::Extract::STATE_REVOKED || extract.state() == v1::Extract::STATE_REJECTED)
    return FailedPrecondition(extract.id() + " is revoked or rejected already");
  if (request.text().empty()) return Invalid("text: say why it is revoked");
  *extract.add_decisions() = DecisionOf(v1::ExtractDecision::KIND_REVOKED, decider, request.text());
  extract.set_state(v1::Extract::STATE_REVOKED);
  if (building_id_ == extract.id()) revoked_ = true;
  // First that nobody may fetch it: files that are left are removed when it is looked at again.
  KPR_RETURN_IF_ERROR(store_.Write(extract));
  KPR_RETURN_IF_ERROR(store_.RemoveFiles(extract.id()));
  changed_.NotifyAll();
  return extract;
}

Result<v1::Extract> ExtractOffice::End(const std::string& id) {
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(v1::Extract extract, Load(id));
  KPR_RETURN_IF_ERROR(StateIs(extract, v1::Extract::STATE_READY, "ready"));
  extract.set_state(v1::Extract::STATE_EXPIRED);
  KPR_RETURN_IF_ERROR(store_.Write(extract));
  KPR_RETURN_IF_ERROR(store_.RemoveFiles(id));
  return extract;
}

Result<v1::Extract> ExtractOffice::Load(const std::string& id) const {
  KPR_ASSIGN_OR_RETURN(v1::Extract extract, store_.Read(id));
  KPR_RETURN_IF_ERROR(Expire(&extract));
  if (building_id_ == id) extract.set_progress(progress_);
  return extract;
}

Status ExtractOffice::Expire(v1::Extract* extract) const {
  // Also what a crash has left of one that was over before.
  if (IsOver(*extract)) return store_.RemoveFiles(extract->id());
  const auto last = Date::Parse(extract->request().expires_on());
  if (!last || *last >= Today() || extract->id() == building_id_) return {};
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_EXTRACT_EXPIRED);
  record.set_subject(extract->id());
  KPR_RETURN_IF_ERROR(options_.audit->Record(record));
  extract->set_state(v1::Extract::STATE_EXPIRED);
  KPR_RETURN_IF_ERROR(store_.Write(*extract));
  return store_.RemoveFiles(extract->id());
}

// Of months that have not ended a later build would give more, under the same name.
Status ExtractOffice::CheckFrame(const v1::ExtractRequest& request) const {
  if (request.has_anonymous()) return PlanOf(request).status();
  const Date reached = options_.registry->horizon();
  const auto last = Period::Parse(request.last_month());
  if (last && last->last() <= reached) return {};
  return Invalid(fmt::format("last_month: expected one that has ended in the data, which have reached {}",
                             reached.ToString()));
}

Result<v1::PublicationPlan> ExtractOffice::PlanOf(const v1::ExtractRequest& request) const {
  return AnonymousPlan(request, options_.query->Definitions(), options_.registry->horizon());
}

Status ExtractOffice::ExpireDue() {
  KPR_ASSIGN_OR_RETURN(const auto all, List());
  return Resume();
}

Result<v1::Extract> ExtractOffice::Get(const std::string& id) {
  const MutexLock lock(mutex_);
  return Load(id);
}

Result<std::vector<v1::Extract>> ExtractOffice::List() {
  const MutexLock lock(mutex_);
  std::vector<v1::Extract> extracts;
  KPR_ASSIGN_OR_RETURN(const auto ids, store_.Ids());
  for (const std::string& id : ids) {
    KPR_ASSIGN_OR_RETURN(v1::Extract extract, Load(id));
    extracts.push_back(std::move(extract));
  }
  return extracts;
}

Status ExtractOffice::CheckNeverBuilt(const std::string& id) const {
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract, store_.Read(id));
  return extract.content_sha256().empty()
             ? Status()
             : DataLoss(id + ": the list of who is in it is lost; restore it from a backup");
}

Result<std::vector<v1::Extract>> ExtractOffice::With(const std::vector<SubjectId>& persons) {
  const MutexLock lock(mutex_);
  std::vector<v1::Extract> extracts;
  KPR_ASSIGN_OR_RETURN(const auto ids, store_.Ids());
  for (const std::string& id : ids) {
    bool has = false;
    for (const SubjectId& person : persons) {
      const auto one = store_.HasPerson(id, person);
      if (one.status().code() == Code::kNotFound) {
        KPR_RETURN_IF_ERROR(CheckNeverBuilt(id));
        break;
      }
      KPR_RETURN_IF_ERROR(one.status());
      has |= *one;
    }
    if (!has) continue;
    KPR_ASSIGN_OR_RETURN(v1::Extract extract, Load(id));
    // What was built and never became ready, nobody has received.
    if (!extract.content_sha256().empty()) extracts.push_back(std::move(extract));
  }
  return extracts;
}

Result<v1::Extract> ExtractOffice::WaitForChange(const v1::Extract& seen, std::chrono::milliseconds most) {
  const MutexLock lock(mutex_);
  const auto end = std::chrono::steady_clock::now() + most;
  for (;;) {
    KPR_ASSIGN_OR_RETURN(v1::Extract now, Load(seen.id()));
    const bool changed = now.state() != seen.state() || now.progress() != seen.progress();
    if (changed || stopping_ || !changed_.WaitUntil(mutex_, end)) return now;
  }
}

Result<std::string> ExtractOffice::ReadPiece(const v1::GetExtractFileRequest& request) {
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract, Load(request.id()));
  KPR_RETURN_IF_ERROR(StateIs(extract, v1::Extract::STATE_READY, "ready"));
  const auto file = std::find_if(extract.files().begin(), extract.files().end(),
                                 [&](const auto& f) { return f.name() == request.name(); });
  if (file == extract.files().end())
    return NotFound(fmt::format("{} has no file '{}'", extract.id(), request.name()));
  if (request.offset() > file->bytes())
    return Invalid(fmt::format("offset: the file has {} bytes", file->bytes()));
  if (request.offset() == file->bytes()) return std::string();
  KPR_ASSIGN_OR_RETURN(std::string piece, store_.ReadPiece(extract.id(), request.name(), request.offset(),
                                                           limits::kExtractPiece));
  if (piece.empty())
    return DataLoss(fmt::format("{}: {} is shorter than it was", extract.id(), request.name()));
  return piece;
}

}  // namespace kpr::extract
