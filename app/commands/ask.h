// One question to a server.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "ingest/client/connection.h"

namespace kpr {

inline constexpr int kCallSeconds = 60;

template <typename Service, typename Request, typename Response>
Result<Response> Ask(const ClientOptions& client,
                     grpc::Status (Service::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request, int seconds = kCallSeconds) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  const auto stub = Service::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
  Response response;
  KPR_RETURN_IF_ERROR(FromGrpc((stub.get()->*call)(&context, request, &response), client.server));
  return response;
}

}  // namespace kpr
