#include "base/rpc/peer.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

namespace kpr {

Result<Peer> PeerOf(const grpc::ServerContextBase& context) {
  const auto auth = context.auth_context();
  const bool proven = auth && auth->IsPeerAuthenticated();
  if (!proven) return Peer{};
  const auto uris = auth->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (uris.size() != 1) return Invalid("the client certificate must name the caller in exactly one URI SAN");
  return Peer{true, std::string(uris[0].data(), uris[0].size())};
}

grpc::Status ToGrpc(const Status& status) {
  using grpc::StatusCode;
  switch (status.code()) {
    case Code::kOk:
      return grpc::Status::OK;
    case Code::kInvalid:
      return {StatusCode::INVALID_ARGUMENT, status.message()};
    case Code::kNotFound:
      return {StatusCode::NOT_FOUND, status.message()};
    case Code::kConflict:
      return {StatusCode::FAILED_PRECONDITION, status.message()};
    case Code::kExhausted:
      return {StatusCode::RESOURCE_EXHAUSTED, status.message()};
    case Code::kDamaged:
      return {StatusCode::DATA_LOSS, status.message()};
    case Code::kUnavailable:
      return {StatusCode::UNAVAILABLE, status.message()};
    case Code::kInternal:
      return {StatusCode::INTERNAL, status.message()};
  }
  return {StatusCode::UNKNOWN, status.message()};
}

}  // namespace kpr
