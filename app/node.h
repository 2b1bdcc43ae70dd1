// What a node is made of, by its role: the log, and beside it the whole registry, a worker's share of it,
// replicas of it, or nothing but the senders' chains.
#pragma once

#include <memory>

#include "app/config.h"
#include "app/prometheus_probe.h"
#include "base/clock.h"
#include "indicators/aggregation/cell_updater.h"
#include "registry/apply/registry.h"
#include "registry/replica/replica.h"
#include "registry/worker/worker.h"

namespace kpr {

class Node {
 public:
  // All outlive the node.
  struct Around {
    const Config* config = nullptr;
    const PlanHolder* plan = nullptr;
    const SpaceGuard* guard = nullptr;
    const Clock* clock = nullptr;
    PrometheusProbe* probe = nullptr;
    std::string key_id;
  };
  static Result<std::unique_ptr<Node>> Start(const Around& around);
  ~Node() { Stop(); }
  void Stop();

  EventLog* log() const { return log_.get(); }
  // None where the role has none.
  const RegistryReader* registry() const;
  const ChainFollower* chains() const;
  const Worker* worker() const { return worker_.get(); }
  PrometheusProbe::Progress Progress() const;
  // Whether every part works.
  Status Health() const;

 private:
  Status StartRegistry(const Around& around);
  Status StartWorker(const Around& around);
  Status StartReplicas(const Around& around);
  Status StartChains(const Around& around);

  std::unique_ptr<EventLog> log_;
  std::unique_ptr<Changelog> changelog_;
  std::unique_ptr<CellUpdater> updater_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<ReplicaSet> replicas_;
  std::unique_ptr<ChainFollower> chains_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace kpr
