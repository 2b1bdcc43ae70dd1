// Who is at the other end of a gRPC call, as the TLS handshake proved it.
#pragma once

#include <grpcpp/server_context.h>

#include "base/status.h"

namespace kpr {

struct Peer {
  bool proven = false;  // by a client certificate
  std::string name;     // its one URI SAN; empty on plaintext
};

// kInvalid: a certificate without exactly one URI SAN. Works for callback and for sync contexts.
Result<Peer> PeerOf(const grpc::ServerContextBase& context);

grpc::Status ToGrpc(const Status& status);

}  // namespace kpr
