// How a registry worker stands, over gRPC. Figures are asked of query nodes.
#pragma once

#include <functional>
#include <string>

#include "indicators/cells/plan_holder.h"
#include "kpr/v1/indicator.grpc.pb.h"
#include "registry/event_log/space_guard.h"
#include "registry/worker/worker.h"

namespace kpr {

class WorkerService : public v1::Indicators::Service {
 public:
  // All outlive the service.
  WorkerService(const Worker* worker, const EventLog* log, const SpaceGuard* guard, const PlanHolder* plan,
                std::function<bool(const std::string&)> may_read)
      : worker_(worker), log_(log), guard_(guard), plan_(plan), may_read_(std::move(may_read)) {}

  grpc::Status Status(grpc::ServerContext* context, const v1::StatusRequest*,
                      v1::StatusResponse* response) override;

 private:
  const Worker* worker_;
  const EventLog* log_;
  const SpaceGuard* guard_;
  const PlanHolder* plan_;
  const std::function<bool(const std::string&)> may_read_;
};

}  // namespace kpr
