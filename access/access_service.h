// The Access service: who is calling, as the policy has it.
#pragma once

#include "access/authorizer.h"
#include "kpr/v1/access.grpc.pb.h"

namespace kpr {

class AccessService : public v1::Access::Service {
 public:
  // `authorizer` outlives it.
  explicit AccessService(const Authorizer* authorizer) : authorizer_(authorizer) {}

  grpc::Status GetCaller(grpc::ServerContext* context, const v1::GetCallerRequest* request,
                         v1::Caller* response) override;

 private:
  const Authorizer* authorizer_;
};

// As the policy file names them.
v1::CallerRole ToProto(Role role);

}  // namespace kpr
