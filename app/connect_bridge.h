// The gRPC methods over plain HTTP, for web pages and for whoever has no gRPC: unary calls of the Connect
// protocol (https://connectrpc.com/docs/protocol), as JSON or binary. It decides nothing itself: each call is
// made to the gRPC server with the certificate that the front has forwarded, and is guarded there.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "indicators/http/message.h"

namespace kpr {

class ConnectBridge {
 public:
  // To the socket of the front (server.front_socket), where each call needs a forwarded certificate.
  static std::unique_ptr<ConnectBridge> ToFrontSocket(const std::string& socket);
  // To a trial server's own address; whoever asks must have named this machine as the host, which no page
  // from elsewhere can.
  static std::unique_ptr<ConnectBridge> ToLoopback(const std::string& address);

  // Whether the path is that of a method: "/kpr.v1.Indicators/GetIndicatorValues".
  static bool Takes(const http::Request& request);
  // Waits for the call's end, a minute at most; of one caller a few at once, so that others have their turn.
  // Thread-safe.
  http::Response Answer(const http::Request& request);

 private:
  ConnectBridge(std::shared_ptr<grpc::Channel> channel, bool trial)
      : channel_(std::move(channel)), trial_(trial) {}

  http::Response Call(const http::Request& request);
  bool Enter(const std::string& caller);
  void Leave(const std::string& caller);

  const std::shared_ptr<grpc::Channel> channel_;
  const bool trial_;
  Mutex mutex_;
  std::map<std::string, int> calls_ KPR_GUARDED_BY(mutex_);  // by certificate
};

}  // namespace kpr
