// A step that must not go unseen: recorded before it is done, and how it ended.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>
#include <utility>

#include "access/audit.h"
#include "access/grpc_status.h"

namespace kpr {

inline v1::AuditRecord StepRecord(v1::AuditRecord::Kind kind, const std::string& principal,
                                  const std::string& subject) {
  v1::AuditRecord record;
  record.set_kind(kind);
  record.set_principal(principal);
  record.set_subject(subject);
  return record;
}

// Gives the result of `step`, or why there is none. `record` says who does what to what.
template <typename Response>
grpc::Status AuditedStep(Audit* audit, v1::AuditRecord record, const std::function<Result<Response>()>& step,
                         Response* response) {
  record.set_outcome("begun");
  if (const Status recorded = audit->Record(record); !recorded.ok()) return ToGrpc(recorded);
  Result<Response> result = step();
  record.set_outcome(result.ok() ? "done" : result.status().message());
  const Status recorded = audit->Record(record);
  if (!result.ok()) return ToGrpc(result.status());
  if (!recorded.ok()) return ToGrpc(recorded.WithContext("done, but its end is not in the audit log"));
  *response = std::move(*result);
  return grpc::Status::OK;
}

}  // namespace kpr
