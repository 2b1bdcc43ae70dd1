#include "app/worker_service.h"

#include <fmt/format.h>

#include "base/rpc/peer.h"

namespace kpr {
namespace {

std::string StateOf(const PartitionStanding& standing) {
  switch (standing.state) {
    case PartitionStanding::State::kWaiting:
      return "opening";
    case PartitionStanding::State::kRestoring:
      return "restoring a checkpoint";
    case PartitionStanding::State::kReplaying:
      return fmt::format("replaying (store opened at {})", standing.opened_at);
    case PartitionStanding::State::kRunning:
      return fmt::format("running (store opened at {})", standing.opened_at);
  }
  return "";
}

}  // namespace

grpc::Status WorkerService::Status(grpc::ServerContext* context, const v1::StatusRequest*,
                                   v1::StatusResponse* response) {
  const auto peer = PeerOf(*context);
  if (!peer.ok() || !may_read_(peer->name))
    return {grpc::StatusCode::PERMISSION_DENIED, "the caller is not among the readers of the policy"};
  for (const PartitionStanding& standing : worker_->Standings(true)) {
    v1::PartitionStatus* partition = response->add_partitions();
    partition->set_partition(standing.partition);
    partition->set_applied(standing.next_offset);
    partition->set_log_end(standing.log_end);
    partition->set_error((standing.error.ok() ? standing.checkpoint_error : standing.error).message());
    partition->set_state(StateOf(standing));
  }
  response->set_disk_free_bytes(guard_->FreeBytes());
  response->set_accepting(log_->Accepting().ok());
  response->set_catalogue(plan_->Get()->catalogue.hash);
  return grpc::Status::OK;
}

}  // namespace kpr
