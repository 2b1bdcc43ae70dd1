#include "registry/rpc/audit_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "access/call_guard.h"
#include "access/grpc_status.h"
#include "base/limits.h"

namespace kpr {
namespace {

constexpr uint64_t kLookedAt = 100'000;  // records that one page looks at, where few are asked for

}  // namespace

Status AuditService::RecordRead(const grpc::ServerContext& context, const char* method,
                                const std::string& subject) {
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_AUDIT_READ);
  record.set_principal(PrincipalOf(context));
  record.set_method(method);
  record.set_subject(subject);
  return log_->Record(std::move(record));
}

grpc::Status AuditService::ListAuditRecords(grpc::ServerContext* context,
                                            const v1::ListAuditRecordsRequest* request,
                                            v1::ListAuditRecordsResponse* response) {
  const uint32_t size =
      request->page_size() == 0 ? limits::kAuditPage : std::min(request->page_size(), limits::kAuditPageMost);
  response->set_size(log_->size());
  size_t bytes = 0;
  response->set_next(std::min(request->from(), response->size()));
  const Status read = log_->ForEach(request->from(), [&](uint64_t index, const v1::AuditRecord& record) {
    const bool asked =
        (request->principal().empty() || request->principal() == record.principal()) &&
        (request->kind() == v1::AuditRecord::KIND_UNSPECIFIED || request->kind() == record.kind());
    if (asked) {
      v1::IndexedAuditRecord* listed = response->add_records();
      listed->set_index(index);
      *listed->mutable_record() = record;
      bytes += record.ByteSizeLong();
    }
    response->set_next(index + 1);
    return response->records_size() < static_cast<int>(size) && bytes < limits::kAuditPageBytes &&
           index + 1 - request->from() < kLookedAt && index + 1 < response->size();
  });
  if (!read.ok()) return ToGrpc(read);
  return ToGrpc(RecordRead(*context, "kpr.v1.Audit/ListAuditRecords",
                           fmt::format("records {} to {}", request->from(), response->next())));
}

grpc::Status AuditService::ProveAuditRecord(grpc::ServerContext* context,
                                            const v1::ProveAuditRecordRequest* request,
                                            v1::AuditProof* response) {
  auto proof = log_->Prove(request->index());
  if (!proof.ok()) return ToGrpc(proof.status());
  *response = std::move(*proof);
  return ToGrpc(
      RecordRead(*context, "kpr.v1.Audit/ProveAuditRecord", fmt::format("record {}", request->index())));
}

}  // namespace kpr
