// Our errors as gRPC statuses, with machine-readable details (google.rpc.ErrorInfo and RetryInfo,
// kpr/v1/error.proto).
#pragma once

#include <grpcpp/support/status.h>

#include <optional>
#include <utility>

#include "base/status.h"

namespace kpr {

// ErrorInfo.reason is the code's name, e.g. "RESOURCE_EXHAUSTED"; RetryInfo goes with codes that are worth a
// retry.
grpc::Status ToGrpc(const Status& status);

// Gives the result, or why there is none.
template <typename Response>
grpc::Status Answer(Result<Response> result, Response* response) {
  if (!result.ok()) return ToGrpc(result.status());
  *response = std::move(*result);
  return grpc::Status::OK;
}

}  // namespace kpr
