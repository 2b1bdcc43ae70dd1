// One partition as a query node has it: a store of its own that follows what the partition's worker publishes
// and, if wanted, the timelines from the log. Can be deleted at any time; it is rebuilt.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "registry/event_log/changelog.h"
#include "registry/event_log/event_log.h"
#include "registry/read/registry_reader.h"
#include "registry/replica/changelog_record.h"
#include "registry/store/partition_store.h"

namespace kpr {

struct ReplicaOptions {
  bool timelines = true;              // for explanations, revisions and earlier states
  size_t pending_bytes = 128u << 20;  // of one publication, held until its marker comes
  // Since the end was last seen. Beyond the first, records that were replaced may be missing until the end is
  // seen again; beyond the second it may have missed deleted keys, and the store is rebuilt.
  std::chrono::minutes resync_after{30};
  std::chrono::hours rebuild_after{12};
  std::function<void()> on_change = [] {};
};

class Replica {
 public:
  // All outlive the replica.
  static Result<std::unique_ptr<Replica>> Open(uint32_t partition, const std::string& directory,
                                               const ReplicaOptions& options, Changelog* changelog,
                                               EventLog* log, const Clock* clock);
  ~Replica() { Stop(); }

  // Follows on threads of its own, by the steps below.
  void Start();
  void Stop();
  // One step; waits shortly where there is nothing. kUnavailable: to be tried again.
  Status TailCells();
  Status TailTimelines();

  std::shared_ptr<const PartitionStore> store() const { return store_; }
  // kUnavailable until what it holds is one whole publication, the newest when it was last at the end.
  Status Ready() const;
  Status error() const;
  bool Has(uint32_t version) const;
  // When the worker had what the store has; 0 not known yet.
  int64_t published_at_ms() const { return published_at_ms_; }
  // The log position up to which it has timelines.
  uint64_t timelines_offset() const { return timelines_offset_; }

 private:
  Replica(uint32_t partition, ReplicaOptions options, Changelog* changelog, EventLog* log, const Clock* clock)
      : partition_(partition),
        options_(std::move(options)),
        changelog_(changelog),
        log_(log),
        clock_(clock),
        end_seen_ms_(clock->UnixMillis()) {}
  Status Take(const ChangelogRecord& record);
  // Writes what is pending; with a marker it is one whole publication.
  Status WritePending(const BatchCommitMarker* marker, uint64_t next_offset);
  bool CaughtUp() const;
  bool IsWhole() const;
  // Remembers for a restart that all up to now is in the store.
  Status NoteEnd(int64_t now_ms);
  void SetError(Status* error, const Status& status);
  // On the state the store has.
  StoreWrite NextWrite() const;

  const uint32_t partition_;
  const ReplicaOptions options_;
  Changelog* changelog_;
  EventLog* log_;
  const Clock* clock_;
  std::shared_ptr<PartitionStore> store_;
  std::thread follower_, timelines_follower_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> timelines_offset_ = 0;
  std::atomic<int64_t> published_at_ms_ = 0;

  // The follower's own.
  std::unique_ptr<ChangelogReader> reader_;
  std::vector<Put> pending_;
  size_t pending_bytes_ = 0;
  int64_t end_seen_ms_, end_noted_ms_ = 0;
  bool whole_ = false;  // the store's publication was the newest once, and so is what it has

  Mutex writing_;  // one write at a time
  // Part of a publication is in the store without the rest. The changelog's thread writes it with writing_
  // held; the other thread reads it so.
  bool partial_batch_ = false;
  mutable Mutex mutex_;
  bool caught_up_ KPR_GUARDED_BY(mutex_) = false;
  std::set<uint32_t> complete_ KPR_GUARDED_BY(mutex_);
  Status changelog_error_ KPR_GUARDED_BY(mutex_);
  Status timelines_error_ KPR_GUARDED_BY(mutex_);
};

// All partitions of a query node.
class ReplicaSet : public RegistryReader {
 public:
  // In `directory`, a folder a partition. The others outlive the set.
  static Result<std::unique_ptr<ReplicaSet>> Open(const std::string& directory, ReplicaOptions options,
                                                  Changelog* changelog, EventLog* log, const Clock* clock);
  ~ReplicaSet() override { Stop(); }
  void Start();
  void Stop();

  uint32_t partitions() const override { return static_cast<uint32_t>(replicas_.size()); }
  std::shared_ptr<const PartitionReader> store(uint32_t partition) const override {
    return replicas_[partition]->store();
  }
  Status error(uint32_t partition) const override { return replicas_[partition]->error(); }
  bool Complete(uint32_t version) const override;
  uint64_t WaitForChange(uint64_t seen, std::chrono::milliseconds timeout) const override;
  Status Ready() const override;
  Status HasTimelines(const std::vector<uint64_t>& positions) const override;
  int64_t FreshAtMs() const override;

 private:
  explicit ReplicaSet(bool timelines) : timelines_(timelines) {}
  const bool timelines_;
  mutable Mutex mutex_;
  mutable ConditionVariable changed_;
  uint64_t changes_ KPR_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Replica>> replicas_;
};

}  // namespace kpr
