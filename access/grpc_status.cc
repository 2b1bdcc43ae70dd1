#include "access/grpc_status.h"

#include "kpr/v1/error.pb.h"

namespace kpr {
namespace {

using grpc::StatusCode;

constexpr int64_t kRetrySeconds = 1;

struct CodeRow {
  StatusCode code;
  const char* reason;
  bool retry;
};

CodeRow RowOf(Code code) {
  switch (code) {
    case Code::kOk:
      return {StatusCode::OK, "OK", false};
    case Code::kInvalid:
      return {StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT", false};
    case Code::kNotFound:
      return {StatusCode::NOT_FOUND, "NOT_FOUND", false};
    case Code::kFailedPrecondition:
      return {StatusCode::FAILED_PRECONDITION, "FAILED_PRECONDITION", false};
    case Code::kResourceExhausted:
      return {StatusCode::RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED", true};
    case Code::kDataLoss:
      return {StatusCode::DATA_LOSS, "DATA_LOSS", false};
    case Code::kUnavailable:
      return {StatusCode::UNAVAILABLE, "UNAVAILABLE", true};
    case Code::kInternal:
      return {StatusCode::INTERNAL, "INTERNAL", false};
  }
  return {StatusCode::UNKNOWN, "UNKNOWN", false};
}

void AddDetail(const char* type, const google::protobuf::Message& detail, v1::RpcStatus* status) {
  google::protobuf::Any* any = status->add_details();
  any->set_type_url(std::string("type.googleapis.com/google.rpc.") + type);
  any->set_value(detail.SerializeAsString());
}

}  // namespace

grpc::Status ToGrpc(const Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const CodeRow row = RowOf(status.code());
  v1::RpcStatus details;
  details.set_code(row.code);
  details.set_message(status.message());
  v1::RpcErrorInfo info;
  info.set_reason(row.reason);
  info.set_domain("kpr");
  AddDetail("ErrorInfo", info, &details);
  if (status.code() == Code::kInvalid) {
    // "page_token: expected ..." names the field first, where a field is to blame.
    v1::RpcBadRequest bad;
    const size_t colon = status.message().find(": ");
    auto* violation = bad.add_field_violations();
    if (colon != std::string::npos) violation->set_field(status.message().substr(0, colon));
    violation->set_description(colon == std::string::npos ? status.message()
                                                          : status.message().substr(colon + 2));
    AddDetail("BadRequest", bad, &details);
  }
  if (row.retry) {
    v1::RpcRetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(kRetrySeconds);
    AddDetail("RetryInfo", retry, &details);
  }
  return {row.code, status.message(), details.SerializeAsString()};
}

}  // namespace kpr
