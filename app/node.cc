#include "app/node.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>

#include "app/open_log.h"
#include "registry/event_log/kafka/kafka_changelog.h"

namespace kpr {
namespace {

// Stays the same for a data directory on a host.
std::string WorkerName(const Config& config) {
  if (!config.worker.empty()) return config.worker;
  char host[256] = "worker";
  gethostname(host, sizeof host - 1);
  std::error_code error;
  return fmt::format("{}-{:08x}", host,
                     Fnv1a(std::filesystem::absolute(config.directory, error).string()) & 0xFFFFFFFFu);
}

PartitionOptions PartitionOptionsOf(const Node::Around& around) {
  PartitionOptions options;
  options.space_guard = around.guard;
  options.on_applied = [probe = around.probe](const AppliedBatch& s) {
    probe->Applied(s.records, s.seconds);
  };
  options.on_damage = [](uint32_t partition, const Status& why) {
    spdlog::error("partition {}: its store is damaged and set aside, the log fills an empty one: {}",
                  partition, why.message());
  };
  return options;
}

void TellScrubbed(const ScrubReport& report, Probe* probe) {
  if (!report.status.ok()) {
    probe->Scrubbed(ScrubOutcome::kFailed);
    spdlog::warn("partition {} was not compared with the log: {}", report.partition, report.status.message());
  } else if (report.replaced) {
    probe->Scrubbed(ScrubOutcome::kRebuilt);
    spdlog::error("partition {} was rebuilt from the log: {}", report.partition,
                  report.entries == 0 ? fmt::format("its store could not be read {}", report.first)
                                      : fmt::format("{} of {} entries differed, the first: {}",
                                                    report.differences, report.entries, report.first));
  } else {
    probe->Scrubbed(ScrubOutcome::kEqual);
    spdlog::info("partition {} is as the log says: {} entries at offset {}", report.partition, report.entries,
                 report.position);
  }
}

ScrubberOptions ScrubberOptionsOf(const Node::Around& around) {
  ScrubberOptions options;
  options.interval = std::chrono::minutes(around.config->scrub_minutes);
  options.space_guard = around.guard;
  options.on_scrubbed = [probe = around.probe](const ScrubReport& report) { TellScrubbed(report, probe); };
  return options;
}

KafkaOptions KafkaOf(const Config& config) {
  KafkaOptions options = config.kafka;
  options.partitions = config.partitions;
  return options;
}

}  // namespace

Result<std::unique_ptr<Node>> Node::Start(const Around& around) {
  auto node = std::make_unique<Node>();
  KPR_ASSIGN_OR_RETURN(node->log_,
                       OpenLog(*around.config, around.guard, around.key_id, !around.key_id.empty()));
  node->changelog_ = MakeKafkaChangelog(KafkaOf(*around.config));
  node->updater_ = std::make_unique<CellUpdater>(around.plan);
  Status status;
  switch (around.config->role) {
    case NodeRole::kAll:
      status = node->StartRegistry(around);
      break;
    case NodeRole::kRegistry:
      status = node->StartWorker(around);
      break;
    case NodeRole::kQuery:
      status = node->StartReplicas(around);
      if (status.ok()) status = node->StartChains(around);
      break;
    case NodeRole::kIngest:
      status = node->StartChains(around);
      break;
  }
  if (!status.ok()) return status;
  return node;
}

Status Node::StartRegistry(const Around& around) {
  RegistryOptions options{around.config->registry_directory(), PartitionOptionsOf(around),
                          ScrubberOptionsOf(around)};
  KPR_ASSIGN_OR_RETURN(registry_, Registry::Open(options, log_.get(), updater_.get()));
  registry_->Start();
  return {};
}

Status Node::StartWorker(const Around& around) {
  WorkerOptions options;
  options.directory = around.config->registry_directory();
  options.backups = around.config->backups;
  options.backup_interval = std::chrono::seconds(around.config->backup_seconds);
  options.name = WorkerName(*around.config);
  options.partition = PartitionOptionsOf(around);
  options.partition.sets_aside = false;  // a backup may be newer than nothing
  KPR_ASSIGN_OR_RETURN(worker_, Worker::Start(options, KafkaOf(*around.config), log_.get(), changelog_.get(),
                                              updater_.get(), around.clock));
  return {};
}

Status Node::StartReplicas(const Around& around) {
  ReplicaOptions options;
  options.timelines = around.config->query_timelines;
  KPR_ASSIGN_OR_RETURN(replicas_, ReplicaSet::Open(around.config->registry_directory(), options,
                                                   changelog_.get(), log_.get(), around.clock));
  replicas_->Start();
  return {};
}

Status Node::StartChains(const Around& around) {
  KPR_ASSIGN_OR_RETURN(
      chains_, ChainFollower::Open(ChainDirectory(around.config->directory), log_.get(), around.guard));
  chains_->Start();
  return {};
}

void Node::Stop() {
  if (worker_) worker_->Stop();
  if (registry_) registry_->Stop();
  if (replicas_) replicas_->Stop();
  if (chains_) chains_->Stop();
}

const RegistryReader* Node::registry() const {
  if (registry_) return registry_.get();
  return replicas_.get();
}

const ChainFollower* Node::chains() const {
  return registry_ ? &registry_->chains() : chains_.get();
}

PrometheusProbe::Progress Node::Progress() const {
  PrometheusProbe::Progress progress;
  const auto add = [&](uint64_t log_end, uint64_t applied, bool failing) {
    ++progress.partitions;
    progress.log_records += log_end;
    progress.applied += applied;
    progress.failing += failing ? 1 : 0;
  };
  if (const RegistryReader* reader = registry()) {
    for (uint32_t i = 0; i < reader->partitions(); ++i)
      add(log_->KnownEnd(i), reader->store(i)->next_offset(), !reader->error(i).ok());
    progress.horizon_days = reader->horizon().days;
    progress.quarantined = reader->Quarantined();
  }
  if (worker_) {
    for (const PartitionStatus& s : worker_->PartitionStatuses(false)) {
      add(s.log_end, s.next_offset, !s.error.ok());
      progress.quarantined += s.quarantined;
      progress.backups_failing += s.backup_error.ok() ? 0 : 1;
    }
  }
  return progress;
}

Status Node::Health() const {
  KPR_RETURN_IF_ERROR(log_->Accepting());
  if (chains() != nullptr) KPR_RETURN_IF_ERROR(chains()->error());
  if (replicas_) {
    KPR_RETURN_IF_ERROR(replicas_->Ready());
    for (uint32_t i = 0; i < replicas_->partitions(); ++i) KPR_RETURN_IF_ERROR(replicas_->error(i));
  }
  if (registry_) {
    for (uint32_t i = 0; i < registry_->partitions(); ++i) KPR_RETURN_IF_ERROR(registry_->error(i));
  }
  if (worker_) {
    for (const PartitionStatus& status : worker_->PartitionStatuses(false)) KPR_RETURN_IF_ERROR(status.error);
  }
  return {};
}

}  // namespace kpr
