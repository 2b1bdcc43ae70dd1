#include "ingest/client/connection.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include "base/files.h"
#include "kpr/v1/error.pb.h"

namespace kpr {
Result<std::shared_ptr<grpc::Channel>> Connect(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // Each channel has a connection of its own: streams of many senders do not share one flow-control window.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (options.ca.empty() && options.certificate.empty() && options.private_key.empty()) {
    return grpc::CreateCustomChannel(options.server, grpc::InsecureChannelCredentials(), arguments);
  }
  grpc::SslCredentialsOptions ssl;
  KPR_ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadFile(options.ca));
  KPR_ASSIGN_OR_RETURN(ssl.pem_private_key, ReadFile(options.private_key));
  KPR_ASSIGN_OR_RETURN(ssl.pem_cert_chain, ReadFile(options.certificate));
  return grpc::CreateCustomChannel(options.server, grpc::SslCredentials(ssl), arguments);
}

Status FromGrpc(const grpc::Status& status, const std::string& server) {
  if (status.ok()) return {};
  const grpc::StatusCode code = status.error_code();
  const bool away = code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::UNKNOWN ||
                    code == grpc::StatusCode::INTERNAL || code == grpc::StatusCode::CANCELLED ||
                    code == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (away) {
    return Unavailable(fmt::format("{}: {}. Is 'kpr serve' running there, and the certificate the right one?",
                                   server, status.error_message()));
  }
  if (code == grpc::StatusCode::NOT_FOUND) return NotFound(status.error_message());
  if (code == grpc::StatusCode::RESOURCE_EXHAUSTED) return ResourceExhausted(status.error_message());
  return Invalid(status.error_message());
}

std::chrono::milliseconds RetryDelayOf(const grpc::Status& status) {
  v1::RpcStatus details;
  if (!details.ParseFromString(status.error_details())) return {};
  for (const auto& detail : details.details()) {
    v1::RpcRetryInfo retry;
    if (!detail.type_url().ends_with("google.rpc.RetryInfo") || !retry.ParseFromString(detail.value()))
      continue;
    return std::chrono::seconds(retry.retry_delay().seconds()) +
           std::chrono::milliseconds(retry.retry_delay().nanos() / 1'000'000);
  }
  return {};
}

}  // namespace kpr
