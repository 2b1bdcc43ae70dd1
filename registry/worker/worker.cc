#include "registry/worker/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace kpr {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
constexpr milliseconds kRetry{1000}, kSlice{50};

}  // namespace

Result<std::unique_ptr<Worker>> Worker::Start(WorkerOptions options, const KafkaOptions& kafka, EventLog* log,
                                              Changelog* changelog, TimelineObserver* observer,
                                              const Clock* clock) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) return Unavailable(fmt::format("registry {}: {}", options.directory, error.message()));
  std::unique_ptr<Worker> worker(new Worker(std::move(options), log, changelog, observer, clock));
  if (!worker->options_.checkpoints.empty())
    worker->checkpoints_ = std::thread([w = worker.get()] { w->RunCheckpoints(); });
  KPR_ASSIGN_OR_RETURN(
      worker->membership_,
      Membership::Join(
          kafka, {[w = worker.get()](const std::vector<uint32_t>& partitions) { w->Assigned(partitions); },
                  [w = worker.get()](const std::vector<uint32_t>& partitions) { w->Revoked(partitions); }}));
  return worker;
}

void Worker::Stop() {
  membership_.reset();  // revokes
  std::vector<uint32_t> left;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [number, seat] : seats_) left.push_back(number);
  }
  stop_.notify_all();
  if (checkpoints_.joinable()) checkpoints_.join();
  Revoked(left);
}

void Worker::Assigned(const std::vector<uint32_t>& partitions) {
  std::lock_guard lock(mutex_);
  for (const uint32_t number : partitions) {
    auto& seat = seats_[number];
    if (seat != nullptr) continue;
    seat = std::make_shared<Seat>(number);
    seat->opener = std::thread([this, s = seat.get()] { Open(s); });
  }
}

void Worker::Revoked(const std::vector<uint32_t>& partitions) {
  std::vector<std::shared_ptr<Seat>> leaving;
  {
    std::lock_guard lock(mutex_);
    for (const uint32_t number : partitions) {
      const auto it = seats_.find(number);
      if (it == seats_.end()) continue;
      leaving.push_back(it->second);
      seats_.erase(it);
    }
  }
  std::vector<std::thread> threads;
  for (const auto& seat : leaving) threads.emplace_back([this, s = seat.get()] { Leave(s); });
  for (std::thread& thread : threads) thread.join();
}

void Worker::Leave(Seat* seat) {
  seat->leaving = true;
  if (seat->opener.joinable()) seat->opener.join();
  if (seat->partition == nullptr) return;
  while (!seat->use.try_lock_for(kSlice)) seat->partition->store().StopCheckpoint();
  seat->partition->Stop();
  // Whether it can be flushed or not, the log has all of it.
  (void)seat->partition->store().Flush().ok();
  {
    std::lock_guard lock(seat->mutex);
    seat->partition.reset();
  }
  seat->use.unlock();
  log_->StopReading(seat->number);
}

void Worker::Open(Seat* seat) {
  while (!seat->leaving) {
    const Status status = TryOpen(seat);
    {
      std::lock_guard lock(seat->mutex);
      seat->error = status;
    }
    if (status.ok()) return;
    for (auto waited = milliseconds(0); waited < kRetry && !seat->leaving; waited += kSlice)
      std::this_thread::sleep_for(kSlice);
  }
}

Status Worker::TryOpen(Seat* seat) {
  const std::string directory = PartitionDirectory(options_.directory, seat->number);
  if (!fs::exists(directory) && !options_.checkpoints.empty()) RestoreNewest(seat, directory);
  KPR_ASSIGN_OR_RETURN(
      auto partition,
      Partition::Open(seat->number, directory, options_.partition, log_, observer_,
                      std::make_unique<Publisher>(changelog_, clock_, seat->number, options_.publisher)));
  const uint64_t opened_at = partition->store().next_offset();
  partition->Start();
  std::lock_guard lock(seat->mutex);
  seat->opened_at = opened_at;
  seat->partition = std::move(partition);
  return {};
}

// The newest of all workers' checkpoints that is whole; none is no failure, as the log has everything.
void Worker::RestoreNewest(Seat* seat, const std::string& directory) {
  seat->restoring = true;
  std::vector<CheckpointInfo> found;
  std::error_code error;
  for (const auto& entry :
       fs::directory_iterator(PartitionDirectory(options_.checkpoints, seat->number), error)) {
    for (CheckpointInfo& info : Checkpoints(entry.path().string())) found.push_back(std::move(info));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.next_offset > b.next_offset; });
  for (const CheckpointInfo& info : found) {
    if (seat->leaving || Restore(info, directory).ok()) break;
  }
  seat->restoring = false;
}

std::vector<PartitionStanding> Worker::Standings(bool ask) const {
  std::vector<std::shared_ptr<Seat>> seats;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [number, seat] : seats_) seats.push_back(seat);
  }
  std::vector<PartitionStanding> standings;
  for (const auto& seat : seats) {
    PartitionStanding& standing = standings.emplace_back();
    standing.partition = seat->number;
    if (seat->restoring) standing.state = PartitionStanding::State::kRestoring;
    standing.log_end = ask ? log_->End(seat->number) : log_->KnownEnd(seat->number);
    std::lock_guard lock(seat->mutex);
    standing.error = seat->error;
    if (seat->partition == nullptr) continue;
    if (standing.error.ok()) standing.error = seat->partition->error();
    standing.checkpoint_error = seat->checkpoint_error;
    standing.opened_at = seat->opened_at;
    standing.next_offset = seat->partition->store().next_offset();
    standing.state = standing.next_offset < standing.log_end ? PartitionStanding::State::kReplaying
                                                             : PartitionStanding::State::kRunning;
  }
  return standings;
}

void Worker::RunCheckpoints() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, options_.checkpoint_interval, [&] { return stopping_; })) {
    std::vector<std::shared_ptr<Seat>> seats;
    for (const auto& [number, seat] : seats_) seats.push_back(seat);
    lock.unlock();
    for (const auto& seat : seats) {
      const std::unique_lock use(seat->use, std::try_to_lock);
      if (!use.owns_lock() || seat->leaving) continue;
      std::shared_ptr<Partition> partition;
      {
        std::lock_guard guard(seat->mutex);
        partition = seat->partition;
      }
      if (partition == nullptr) continue;
      const Status status = partition->store().Checkpoint(
          fmt::format("{}/{}", PartitionDirectory(options_.checkpoints, seat->number), options_.name));
      std::lock_guard guard(seat->mutex);
      if (!seat->leaving) seat->checkpoint_error = status;
    }
    lock.lock();
  }
}

}  // namespace kpr
