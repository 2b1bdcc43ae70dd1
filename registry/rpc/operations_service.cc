#include "registry/rpc/operations_service.h"

#include "registry/codelists/edition.h"

namespace kpr {
namespace {

v1::PartitionStatus::State ToProto(PartitionStatus::State state) {
  switch (state) {
    case PartitionStatus::State::kWaiting:
      return v1::PartitionStatus::STATE_OPENING;
    case PartitionStatus::State::kRestoring:
      return v1::PartitionStatus::STATE_RESTORING;
    case PartitionStatus::State::kReplaying:
      return v1::PartitionStatus::STATE_REPLAYING;
    case PartitionStatus::State::kRunning:
      return v1::PartitionStatus::STATE_RUNNING;
  }
  return v1::PartitionStatus::STATE_UNSPECIFIED;
}

}  // namespace

void OperationsService::AddRegistry(v1::NodeStatus* response) const {
  const RegistryReader& registry = *options_.registry;
  if (const Date horizon = registry.horizon(); horizon.days != 0) response->set_horizon(horizon.ToString());
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    v1::PartitionStatus* partition = response->add_partitions();
    partition->set_partition(i);
    partition->set_applied(registry.store(i)->next_offset());
    partition->set_log_end(options_.log->End(i));
    partition->set_error(registry.error(i).message());
    partition->set_quarantined_records(registry.store(i)->quarantined());
  }
  if (const int64_t fresh = registry.FreshAtMs(); fresh != 0) {
    response->mutable_fresh_at()->set_seconds(fresh / 1000);
    response->mutable_fresh_at()->set_nanos(static_cast<int32_t>(fresh % 1000) * 1'000'000);
  }
}

void OperationsService::AddWorker(v1::NodeStatus* response) const {
  for (const PartitionStatus& status : options_.worker->PartitionStatuses(true)) {
    v1::PartitionStatus* partition = response->add_partitions();
    partition->set_partition(status.partition);
    partition->set_applied(status.next_offset);
    partition->set_log_end(status.log_end);
    partition->set_error((status.error.ok() ? status.backup_error : status.error).message());
    partition->set_state(ToProto(status.state));
    partition->set_opened_at(status.opened_at);
    partition->set_quarantined_records(status.quarantined);
  }
}

grpc::Status OperationsService::GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                                          v1::NodeStatus* response) {
  if (options_.registry != nullptr) AddRegistry(response);
  if (options_.worker != nullptr) AddWorker(response);
  response->set_disk_free_bytes(options_.space_guard->FreeBytes());
  response->set_accepting(options_.log->Accepting().ok());
  response->set_catalogue(options_.catalogue_hash());
  response->set_code_lists(EditionInUse().version);
  return grpc::Status::OK;
}

}  // namespace kpr
