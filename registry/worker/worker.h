// A registry worker: has the partitions that the group gives it, each from its own store, a backup or the
// log's beginning, applies the log to them and publishes what queries need.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "registry/apply/partition.h"
#include "registry/event_log/changelog.h"
#include "registry/event_log/kafka/membership.h"
#include "registry/replica/changelog_writer.h"

namespace kpr {

struct WorkerOptions {
  std::string directory;  // of stores; this worker's alone
  std::string backups;    // may be shared by all workers; empty: none are made or used
  std::string name;       // of this worker among those who share it
  std::chrono::seconds backup_interval{600};
  PartitionOptions partition;
  ChangelogWriterOptions publisher;
};

// State of a partition at this worker.
struct PartitionStatus {
  enum class State { kWaiting, kRestoring, kReplaying, kRunning };
  uint32_t partition = 0;
  State state = State::kWaiting;
  uint64_t next_offset = 0, log_end = 0;
  uint64_t quarantined = 0;  // log records that could not be applied
  uint64_t opened_at = 0;    // how far its store or backup was; 0: all of the log was applied
  Status error;              // why it is stopped
  Status backup_error;       // of the last backup
};

class Worker {
 public:
  // Joins the group. All outlive the worker.
  static Result<std::unique_ptr<Worker>> Start(WorkerOptions options, const KafkaOptions& kafka,
                                               EventLog* log, Changelog* changelog,
                                               DerivedStateUpdater* updater, const Clock* clock);
  ~Worker() { Stop(); }
  // Gives all partitions back and leaves the group.
  void Stop();

  // Of the partitions it has now. With `ask`, the log's ends are asked of the cluster, else as last seen.
  std::vector<PartitionStatus> PartitionStatuses(bool ask) const;

 private:
  struct AssignedPartition {
    explicit AssignedPartition(uint32_t p) : number(p) {}
    const uint32_t number;
    std::atomic<bool> leaving = false;
    std::atomic<bool> restoring = false;
    std::thread opener;
    std::timed_mutex use;  // guards the partition against its end
    mutable Mutex mutex;
    std::shared_ptr<Partition> partition KPR_GUARDED_BY(mutex);  // once it is open
    uint64_t opened_at KPR_GUARDED_BY(mutex) = 0;                // of the partition
    Status error KPR_GUARDED_BY(mutex);                          // of opening
    Status backup_error KPR_GUARDED_BY(mutex);                   // of the last one
  };

  Worker(WorkerOptions options, EventLog* log, Changelog* changelog, DerivedStateUpdater* updater,
         const Clock* clock)
      : options_(std::move(options)), log_(log), changelog_(changelog), updater_(updater), clock_(clock) {}
  void Assigned(const std::vector<uint32_t>& partitions);
  void Revoked(const std::vector<uint32_t>& partitions);
  void Open(AssignedPartition* assigned);
  Status TryOpen(AssignedPartition* assigned);
  void RestoreNewest(AssignedPartition* assigned, const std::string& directory);
  void Leave(AssignedPartition* assigned);
  void RunBackups();

  const WorkerOptions options_;
  EventLog* log_;
  Changelog* changelog_;
  DerivedStateUpdater* updater_;
  const Clock* clock_;
  mutable Mutex mutex_;
  std::map<uint32_t, std::shared_ptr<AssignedPartition>> assigned_ KPR_GUARDED_BY(mutex_);
  ConditionVariable stop_;
  bool stopping_ KPR_GUARDED_BY(mutex_) = false;
  std::thread backups_;
  std::unique_ptr<Membership> membership_;
};

}  // namespace kpr
