// How the command line reaches a server.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/status.h"

namespace kpr {

struct ClientOptions {
  std::string server = "127.0.0.1:7443";
  std::string ca, certificate, private_key;  // all three: mTLS; none: plaintext on loopback
};

Result<std::shared_ptr<grpc::Channel>> Connect(const ClientOptions& options);

// The same in our words, with what to do about it.
Status FromGrpc(const grpc::Status& status, const std::string& server);

// How long the server asks to be left alone; zero where it does not say.
std::chrono::milliseconds RetryDelayOf(const grpc::Status& status);

}  // namespace kpr
