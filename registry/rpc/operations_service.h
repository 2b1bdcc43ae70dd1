// The Operations service: the state of a node, whatever its role.
#pragma once

#include <functional>
#include <string>

#include "kpr/v1/operations.grpc.pb.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"
#include "registry/read/registry_reader.h"
#include "registry/worker/worker.h"

namespace kpr {

struct OperationsServiceOptions {
  EventLog* log = nullptr;
  const RegistryReader* registry = nullptr;  // none: the node has no registry of its own
  const Worker* worker = nullptr;            // none: the node is not a worker
  const SpaceGuard* space_guard = nullptr;
  std::function<std::string()> catalogue_hash;
};

class OperationsService : public v1::Operations::Service {
 public:
  explicit OperationsService(OperationsServiceOptions options) : options_(std::move(options)) {}

  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::NodeStatus* response) override;

 private:
  void AddRegistry(v1::NodeStatus* response) const;
  void AddWorker(v1::NodeStatus* response) const;

  const OperationsServiceOptions options_;
};

}  // namespace kpr
