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
                                              Changelog* changelog, DerivedStateUpdater* updater,
                                              const Clock* clock) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) return Unavailable(fmt::format("registry {}: {}", options.directory, error.message()));
  std::unique_ptr<Worker> worker(new Worker(std::move(options), log, changelog, updater, clock));
  if (!worker->options_.backups.empty())
    worker->backups_ = std::thread([w = worker.get()] { w->RunBackups(); });
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
    const MutexLock lock(mutex_);
    stopping_ = true;
    for (const auto& [number, assigned] : assigned_) left.push_back(number);
  }
  stop_.NotifyAll();
  if (backups_.joinable()) backups_.join();
  Revoked(left);
}

void Worker::Assigned(const std::vector<uint32_t>& partitions) {
  const MutexLock lock(mutex_);
  for (const uint32_t number : partitions) {
    auto& assigned = assigned_[number];
    if (assigned != nullptr) continue;
    assigned = std::make_shared<AssignedPartition>(number);
    assigned->opener = std::thread([this, s = assigned.get()] { Open(s); });
  }
}

void Worker::Revoked(const std::vector<uint32_t>& partitions) {
  std::vector<std::shared_ptr<AssignedPartition>> leaving;
  {
    const MutexLock lock(mutex_);
    for (const uint32_t number : partitions) {
      const auto it = assigned_.find(number);
      if (it == assigned_.end()) continue;
      leaving.push_back(it->second);
      assigned_.erase(it);
    }
  }
  std::vector<std::thread> threads;
  for (const auto& assigned : leaving) threads.emplace_back([this, s = assigned.get()] { Leave(s); });
  for (std::thread& thread : threads) thread.join();
}

void Worker::Leave(AssignedPartition* assigned) {
  assigned->leaving = true;
  if (assigned->opener.joinable()) assigned->opener.join();
  std::shared_ptr<Partition> partition;
  {
    const MutexLock lock(assigned->mutex);
    partition = assigned->partition;
  }
  if (partition == nullptr) return;
  while (!assigned->use.try_lock_for(kSlice)) partition->store()->StopBackup();
  partition->Stop();
  // Whether it can be flushed or not, the log has all of it.
  (void)partition->store()->Flush().ok();
  partition.reset();
  {
    const MutexLock lock(assigned->mutex);
    assigned->partition.reset();
  }
  assigned->use.unlock();
  log_->StopReading(assigned->number);
}

void Worker::Open(AssignedPartition* assigned) {
  while (!assigned->leaving) {
    const Status status = TryOpen(assigned);
    {
      const MutexLock lock(assigned->mutex);
      assigned->error = status;
    }
    if (status.ok()) return;
    for (auto waited = milliseconds(0); waited < kRetry && !assigned->leaving; waited += kSlice)
      std::this_thread::sleep_for(kSlice);
  }
}

Status Worker::TryOpen(AssignedPartition* assigned) {
  const std::string directory = PartitionDirectory(options_.directory, assigned->number);
  if (!fs::exists(directory) && !options_.backups.empty()) RestoreNewest(assigned, directory);
  KPR_ASSIGN_OR_RETURN(auto partition,
                       Partition::Open(assigned->number, directory, options_.partition, log_, updater_,
                                       std::make_unique<ChangelogWriter>(changelog_, clock_, assigned->number,
                                                                         options_.publisher)));
  const uint64_t opened_at = partition->store()->next_offset();
  partition->Start();
  const MutexLock lock(assigned->mutex);
  assigned->opened_at = opened_at;
  assigned->partition = std::move(partition);
  return {};
}

// The newest of all workers' backups that is whole; none is no failure, as the log has everything.
void Worker::RestoreNewest(AssignedPartition* assigned, const std::string& directory) {
  assigned->restoring = true;
  std::vector<BackupInfo> found;
  std::error_code error;
  for (const auto& entry :
       fs::directory_iterator(PartitionDirectory(options_.backups, assigned->number), error)) {
    for (BackupInfo& info : ListBackups(entry.path().string())) found.push_back(std::move(info));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.next_offset > b.next_offset; });
  for (const BackupInfo& info : found) {
    if (assigned->leaving || Restore(info, directory).ok()) break;
  }
  assigned->restoring = false;
}

std::vector<PartitionStatus> Worker::PartitionStatuses(bool ask) const {
  std::vector<std::shared_ptr<AssignedPartition>> assigned;
  {
    const MutexLock lock(mutex_);
    for (const auto& [number, each] : assigned_) assigned.push_back(each);
  }
  std::vector<PartitionStatus> statuses;
  for (const auto& entry : assigned) {
    PartitionStatus& status = statuses.emplace_back();
    status.partition = entry->number;
    if (entry->restoring) status.state = PartitionStatus::State::kRestoring;
    status.log_end = ask ? log_->End(entry->number) : log_->KnownEnd(entry->number);
    const MutexLock lock(entry->mutex);
    status.error = entry->error;
    if (entry->partition == nullptr) continue;
    if (status.error.ok()) status.error = entry->partition->error();
    status.backup_error = entry->backup_error;
    status.opened_at = entry->opened_at;
    status.next_offset = entry->partition->store()->next_offset();
    status.quarantined = entry->partition->store()->quarantined();
    status.state = status.next_offset < status.log_end ? PartitionStatus::State::kReplaying
                                                       : PartitionStatus::State::kRunning;
  }
  return statuses;
}

void Worker::RunBackups() {
  while (true) {
    std::vector<std::shared_ptr<AssignedPartition>> assigned;
    {
      const auto end = std::chrono::steady_clock::now() + options_.backup_interval;
      const MutexLock lock(mutex_);
      while (!stopping_ && stop_.WaitUntil(mutex_, end)) continue;
      if (stopping_) return;
      for (const auto& [number, each] : assigned_) assigned.push_back(each);
    }
    for (const auto& entry : assigned) {
      const std::unique_lock use(entry->use, std::try_to_lock);
      if (!use.owns_lock() || entry->leaving) continue;
      std::shared_ptr<Partition> partition;
      {
        const MutexLock guard(entry->mutex);
        partition = entry->partition;
      }
      if (partition == nullptr) continue;
      const Status status = partition->store()->Backup(
          fmt::format("{}/{}", PartitionDirectory(options_.backups, entry->number), options_.name));
      const MutexLock guard(entry->mutex);
      if (!entry->leaving) entry->backup_error = status;
    }
  }
}

}  // namespace kpr
