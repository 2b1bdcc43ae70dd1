// The Audit service, for auditors.
#pragma once

#include "kpr/v1/audit.grpc.pb.h"
#include "registry/audit/audit_log.h"

namespace kpr {

class AuditService : public v1::Audit::Service {
 public:
  // `log` outlives it.
  explicit AuditService(audit::AuditLog* log) : log_(log) {}

  grpc::Status ListAuditRecords(grpc::ServerContext* context, const v1::ListAuditRecordsRequest* request,
                                v1::ListAuditRecordsResponse* response) override;
  grpc::Status ProveAuditRecord(grpc::ServerContext* context, const v1::ProveAuditRecordRequest* request,
                                v1::AuditProof* response) override;

 private:
  Status RecordRead(const grpc::ServerContext& context, const char* method, const std::string& subject);

  audit::AuditLog* log_;
};

}  // namespace kpr
