#include "subject/rpc/subject_service.h"

#include <fmt/format.h>

#include "access/call_guard.h"
#include "access/grpc_status.h"
#include "base/limits.h"

namespace kpr {

grpc::Status SubjectService::GetSubjectAccess(grpc::ServerContext* context,
                                              const v1::GetSubjectAccessRequest* request,
                                              v1::SubjectAccess* response) {
  if (request->purpose().empty() || request->purpose().size() > limits::kPurposeBytes)
    return ToGrpc(Invalid(
        fmt::format("purpose: expected whose request it is, at most {} bytes", limits::kPurposeBytes)));
  const auto turn = TakeTurn(&questions_, *context);  // it reads the whole audit log
  if (!turn.ok()) return ToGrpc(turn.status());
  auto access = desk_->Access(request->person());
  if (!access.ok()) return ToGrpc(access.status());
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_PERSONS_READ);
  record.set_principal(ActorOf(*context, request->acting_as()));
  record.set_method("kpr.v1.Subjects/GetSubjectAccess");
  record.set_purpose(request->purpose());
  record.set_subject(access->pseudonyms().empty() ? "nobody that is known" : "subject access");
  for (const std::string& pseudonym : access->pseudonyms()) record.add_persons(pseudonym);
  if (const Status recorded = audit_->Record(std::move(record)); !recorded.ok()) return ToGrpc(recorded);
  *response = std::move(*access);
  return grpc::Status::OK;
}

}  // namespace kpr
