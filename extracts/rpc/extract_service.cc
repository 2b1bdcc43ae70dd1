#include "extracts/rpc/extract_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "access/audited_step.h"
#include "access/call_guard.h"
#include "base/crypto/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "extracts/variables/variables.h"
#include "registry/pseudonym/person_by_number.h"
#include "registry/pseudonym/project_pseudonymizer.h"

namespace kpr {
namespace {

constexpr std::chrono::milliseconds kWatchPause{500};

// Ids are folders: nothing else may be named.
Status CheckId(const std::string& id) {
  const bool good =
      !id.empty() && id.size() <= limits::kProjectBytes + 10 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      });
  return good ? Status() : Invalid("id: expected that of an extract, such as \"falls-2026-1\"");
}

// In which of the two deciding roles the caller acts.
Result<std::string> RoleOf(const std::set<Role>& roles, const std::string& claimed) {
  std::vector<std::string> held;
  for (const Role role : {Role::kCaseOfficer, Role::kDataProtectionOfficer}) {
    if (roles.contains(role)) held.emplace_back(RoleName(role));
  }
  if (claimed.empty() && held.size() == 1) return held.front();
  if (std::find(held.begin(), held.end(), claimed) != held.end()) return claimed;
  return Invalid(fmt::format("role: expected in which you decide: {}", fmt::join(held, " or ")));
}

}  // namespace

bool ExtractService::Decides(const std::string& principal) const {
  const std::set<Role> roles = authorizer_->RolesOf(principal);
  return roles.contains(Role::kCaseOfficer) || roles.contains(Role::kDataProtectionOfficer);
}

v1::Extract ExtractService::Shown(const std::string& principal, v1::Extract extract) const {
  if (Decides(principal)) return extract;
  extract.clear_grouped();  // that a code is there and rare tells of somebody
  constexpr uint64_t kTen = 10;
  for (v1::VariableRisk& without : *extract.mutable_risk()->mutable_without())
    without.set_below(without.below() / kTen * kTen);
  return extract;
}

bool ExtractService::MaySee(const std::string& principal, const std::string& actor,
                            const v1::Extract& extract) const {
  return Decides(principal) || extract.proposed_by() == actor;
}

Result<v1::Extract> ExtractService::GetSeen(const grpc::ServerContext& context,
                                            const v1::GetExtractRequest& request) const {
  KPR_RETURN_IF_ERROR(CheckId(request.id()));
  auto extract = office_->Get(request.id());
  const bool seen =
      extract.ok() && MaySee(PrincipalOf(context), ActorOf(context, request.acting_as()), *extract);
  // That another has proposed it is not told either.
  if (extract.ok() && !seen)
    return NotFound(
        fmt::format("there is no extract '{}'; 'kpr extract list' shows those that there are", request.id()));
  return extract.ok() ? Shown(PrincipalOf(context), std::move(*extract)) : std::move(extract);
}

grpc::Status ExtractService::ListVariables(grpc::ServerContext* /*context*/,
                                           const v1::ListVariablesRequest* /*request*/,
                                           v1::VariableCatalogue* response) {
  *response = extract::DescribeVariables();
  return grpc::Status::OK;
}

grpc::Status ExtractService::CheckExtract(grpc::ServerContext* context,
                                          const v1::CheckExtractRequest* request,
                                          v1::ExtractCheck* response) {
  const auto turn = TakeTurn(&checks_, *context);
  if (!turn.ok()) return ToGrpc(turn.status());
  return AuditedStep<v1::ExtractCheck>(
      audit_,
      StepRecord(v1::AuditRecord::KIND_EXTRACT_CHECKED, ActorOf(*context, request->acting_as()),
                 "file sha256 " + crypto::Sha256(request->request())),
      [&] { return office_->Check(*request); }, response);
}

grpc::Status ExtractService::ProposeExtract(grpc::ServerContext* context,
                                            const v1::ProposeExtractRequest* request, v1::Extract* response) {
  const std::string actor = ActorOf(*context, request->acting_as());
  return AuditedStep<v1::Extract>(
      audit_,
      StepRecord(v1::AuditRecord::KIND_EXTRACT_PROPOSED, actor,
                 "file sha256 " + crypto::Sha256(request->request())),
      [&] { return office_->Propose(*request, actor); }, response);
}

grpc::Status ExtractService::Decide(const grpc::ServerContext& context,
                                    const v1::DecideExtractRequest& request, const char* what, Step step,
                                    v1::Extract* response) {
  if (const Status id = CheckId(request.id()); !id.ok()) return ToGrpc(id);
  if (request.text().size() > limits::kRequestTextBytes)
    return ToGrpc(Invalid(fmt::format("text: longer than {} bytes", limits::kRequestTextBytes)));
  extract::Decider decider{ActorOf(context, request.acting_as()), ""};
  auto role = RoleOf(authorizer_->RolesOf(PrincipalOf(context)), request.role());
  if (!role.ok()) return ToGrpc(role.status());
  decider.role = std::move(*role);
  v1::AuditRecord record = StepRecord(v1::AuditRecord::KIND_EXTRACT_DECIDED, decider.principal,
                                      fmt::format("{} {} as {}", request.id(), what, decider.role));
  record.set_purpose(CutText(request.text(), limits::kPurposeBytes));
  return AuditedStep<v1::Extract>(
      audit_, std::move(record), [&] { return (office_->*step)(request, decider); }, response);
}

grpc::Status ExtractService::ApproveExtract(grpc::ServerContext* context,
                                            const v1::DecideExtractRequest* request, v1::Extract* response) {
  return Decide(*context, *request, "approve", &extract::ExtractOffice::Approve, response);
}

grpc::Status ExtractService::RejectExtract(grpc::ServerContext* context,
                                           const v1::DecideExtractRequest* request, v1::Extract* response) {
  return Decide(*context, *request, "reject", &extract::ExtractOffice::Reject, response);
}

grpc::Status ExtractService::RevokeExtract(grpc::ServerContext* context,
                                           const v1::DecideExtractRequest* request, v1::Extract* response) {
  return Decide(*context, *request, "revoke", &extract::ExtractOffice::Revoke, response);
}

grpc::Status ExtractService::ExpireExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                                           v1::Extract* response) {
  if (const auto seen = GetSeen(*context, *request); !seen.ok()) return ToGrpc(seen.status());
  return AuditedStep<v1::Extract>(
      audit_,
      StepRecord(v1::AuditRecord::KIND_EXTRACT_EXPIRED, ActorOf(*context, request->acting_as()),
                 request->id()),
      [&]() -> Result<v1::Extract> {
        KPR_ASSIGN_OR_RETURN(v1::Extract ended, office_->End(request->id()));
        return Shown(PrincipalOf(*context), std::move(ended));
      },
      response);
}

grpc::Status ExtractService::BuildExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                                          v1::Extract* response) {
  if (const Status id = CheckId(request->id()); !id.ok()) return ToGrpc(id);
  const std::string actor = ActorOf(*context, request->acting_as());
  // That it has ended is another record, with who is in it.
  return AuditedStep<v1::Extract>(
      audit_, StepRecord(v1::AuditRecord::KIND_EXTRACT_BUILT, actor, request->id() + " start"),
      [&] { return office_->Build(request->id()); }, response);
}

grpc::Status ExtractService::GetExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                                        v1::Extract* response) {
  return Answer(GetSeen(*context, *request), response);
}

grpc::Status ExtractService::WatchExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                                          grpc::ServerWriter<v1::Extract>* writer) {
  auto extract = GetSeen(*context, *request);
  if (!extract.ok()) return ToGrpc(extract.status());
  struct Watching {
    std::atomic<int>& watches;
    int before = watches.fetch_add(1);
    ~Watching() { watches.fetch_sub(1); }
  } watching{watches_};
  if (watching.before >= limits::kExtractWatches)
    return ToGrpc(ResourceExhausted("too many watch extracts; try again later"));
  while (!context->IsCancelled() && writer->Write(Shown(PrincipalOf(*context), *extract)) &&
         extract->state() == v1::Extract::STATE_BUILDING) {
    extract = office_->WaitForChange(*extract, kWatchPause);
    if (!extract.ok()) return ToGrpc(extract.status());
    if (office_->stopping())
      return ToGrpc(Unavailable("the server stops; the build continues when it is back"));
  }
  return grpc::Status::OK;
}

grpc::Status ExtractService::ListExtracts(grpc::ServerContext* context,
                                          const v1::ListExtractsRequest* request,
                                          v1::ListExtractsResponse* response) {
  auto extracts = office_->List();
  if (!extracts.ok()) return ToGrpc(extracts.status());
  const std::string principal = PrincipalOf(*context), actor = ActorOf(*context, request->acting_as());
  const size_t size = request->page_size() == 0 ? limits::kExtractsPage
                                                : std::min(request->page_size(), limits::kExtractsPage);
  // The token is the id of the first: extracts come in the order of theirs.
  for (v1::Extract& extract : *extracts) {
    if (extract.id() < request->page_token() || !MaySee(principal, actor, extract)) continue;
    if (response->extracts_size() == static_cast<int>(size)) {
      response->set_next_page_token(extract.id());
      break;
    }
    *response->add_extracts() = Shown(principal, std::move(extract));
  }
  return grpc::Status::OK;
}

grpc::Status ExtractService::GetExtractFile(grpc::ServerContext* context,
                                            const v1::GetExtractFileRequest* request,
                                            grpc::ServerWriter<v1::ExtractFilePiece>* writer) {
  if (const Status id = CheckId(request->id()); !id.ok()) return ToGrpc(id);
  const std::string actor = ActorOf(*context, request->acting_as());
  auto extract = office_->Get(request->id());
  // Its proposer's alone, whatever other roles there are.
  if (extract.ok() && extract->proposed_by() != actor)
    extract = NotFound(fmt::format("there is no extract '{}' of yours", request->id()));
  if (!extract.ok()) return ToGrpc(extract.status());
  v1::GetExtractFileRequest next = *request;
  auto piece = office_->ReadPiece(next);
  if (!piece.ok()) return ToGrpc(piece.status());
  v1::AuditRecord record =
      StepRecord(v1::AuditRecord::KIND_EXTRACT_FETCHED, actor, request->id() + " " + request->name());
  record.set_purpose(CutText(extract->request().purpose(), limits::kPurposeBytes));
  if (const Status recorded = audit_->Record(record); !recorded.ok()) return ToGrpc(recorded);
  while (!piece->empty() && !context->IsCancelled()) {
    v1::ExtractFilePiece answer;
    next.set_offset(next.offset() + piece->size());
    answer.set_content(std::move(*piece));
    if (!writer->Write(answer)) break;
    // Looked at again for each piece: what is revoked is not given to its end.
    piece = office_->ReadPiece(next);
    if (!piece.ok()) return ToGrpc(piece.status());
  }
  return grpc::Status::OK;
}

Result<std::vector<SubjectId>> ExtractService::Asked(const v1::GetLinkageKeyRequest& request) const {
  if (request.persons().empty() || request.persons_size() > limits::kLinkedPersons)
    return Invalid(fmt::format("persons: expected 1 to {}", limits::kLinkedPersons));
  std::vector<SubjectId> asked;
  for (const v1::PersonIdentity& person : request.persons()) {
    auto subject = PersonByNumber(pseudonymizer_, person.type(), person.number());
    if (!subject.ok()) return subject.status().WithContext(fmt::format("persons {}", asked.size()));
    asked.push_back(*subject);
  }
  return asked;
}

grpc::Status ExtractService::GetLinkageKey(grpc::ServerContext* context,
                                           const v1::GetLinkageKeyRequest* request,
                                           v1::LinkageKey* response) {
  if (const Status id = CheckId(request->id()); !id.ok()) return ToGrpc(id);
  const auto turn = TakeTurn(&links_, *context);
  if (!turn.ok()) return ToGrpc(turn.status());
  v1::AuditRecord record = StepRecord(v1::AuditRecord::KIND_LINKAGE_KEY_GIVEN,
                                      ActorOf(*context, request->acting_as()), request->id());
  record.set_method("kpr.v1.Extracts/GetLinkageKey");
  const auto linked = Linked(*request, &record);
  record.set_outcome(linked.ok()
                         ? fmt::format("{} found of {} asked for", linked->size(), request->persons_size())
                         : linked.status().message());
  if (const Status recorded = audit_->Record(std::move(record)); !recorded.ok()) return ToGrpc(recorded);
  if (!linked.ok()) return ToGrpc(linked.status());
  for (const extract::Linked& one : *linked) {
    v1::LinkedPerson* person = response->add_persons();
    person->set_index(static_cast<uint32_t>(one.index));
    person->set_person(TokenText(one.token));
  }
  return grpc::Status::OK;
}

// The record gets everybody who was asked for: that somebody is not in it is an answer as well.
Result<std::vector<extract::Linked>> ExtractService::Linked(const v1::GetLinkageKeyRequest& request,
                                                            v1::AuditRecord* record) {
  KPR_ASSIGN_OR_RETURN(const auto asked, Asked(request));
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract,
                       office_->BeginLinking(request.id(), record->principal(), asked.size()));
  record->set_purpose(CutText(extract.request().linkage().purpose(), limits::kPurposeBytes));
  KPR_ASSIGN_OR_RETURN(auto linked, office_->Link(extract, asked));
  for (const SubjectId& person : asked) record->add_persons(person.ToHex());
  // It may have been revoked meanwhile.
  KPR_RETURN_IF_ERROR(office_->BeginLinking(request.id(), record->principal(), 0).status());
  return linked;
}

}  // namespace kpr
