// Our errors as gRPC statuses, with machine-readable details (google.rpc.ErrorInfo and RetryInfo,
// kpr/v1/error.proto).
#pragma once

#include <grpcpp/support/status.h>

#include <optional>

#include "base/status.h"

namespace kpr {

// ErrorInfo.reason is the code's name, e.g. "RESOURCE_EXHAUSTED"; RetryInfo goes with codes that are worth a
// retry.
grpc::Status ToGrpc(const Status& status);

}  // namespace kpr
