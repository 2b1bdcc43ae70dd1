// One partition of the running registry: its store, and the writer thread that feeds it from the log. Starts
// where the store is; what is missing is replayed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "registry/apply/applier.h"
#include "registry/apply/apply_turns.h"
#include "registry/apply/derived_state_updater.h"
#include "registry/apply/generation.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"
#include "registry/store/partition_store.h"

namespace kpr {

struct AppliedBatch {
  uint32_t partition = 0;
  uint64_t records = 0;
  double seconds = 0;
};

// Passes on what a partition's store holds. Called on the partition's writer thread alone.
class ChangelogSink : public WriteListener {
 public:
  // When idle, again and again. `behind`: more of the log waits. Long work ends when `stopping` says
  // so.
  virtual Status Drain(const PartitionStore& store, bool behind, const std::atomic<bool>& stopping) = 0;
};

struct PartitionOptions {
  const SpaceGuard* space_guard = nullptr;
  bool sets_aside = true;  // a store that cannot be opened
  std::shared_ptr<ApplyTurns> turns =
      ApplyTurns::ForProcessors();           // shared by partitions that copy the options
  size_t batch_bytes = 24u << 20;            // of log applied as one write
  size_t backfill_subjects = 2000;           // whose new versions are computed in one write
  std::chrono::milliseconds idle_wait{200};  // how long a stop may wait for an idle thread
  // Called on the writer threads after each write.
  std::function<void(const AppliedBatch&)> on_applied = [](const AppliedBatch&) {};
  // Called when a damaged store was set aside, while the partition is opened.
  std::function<void(uint32_t partition, const Status& why)> on_damage = [](uint32_t, const Status&) {};
  // Called on the writer threads when anything that can be asked of a partition may have changed.
  std::function<void()> on_change = [] {};
};

class Partition {
 public:
  // `log` and `updater` outlive the partition. Figures that the store lacks are computed while it runs. A
  // store that is damaged is set aside for an empty one, which the log fills again. kFailedPrecondition: a
  // version has another content than the store's cells were computed by. kDataLoss: the log is shorter than
  // what the store holds.
  static Result<std::unique_ptr<Partition>> Open(uint32_t number, const std::string& directory,
                                                 const PartitionOptions& options, EventLog* log,
                                                 DerivedStateUpdater* updater,
                                                 std::unique_ptr<ChangelogSink> sink = nullptr);
  ~Partition() { Stop(); }

  void Start();
  void Stop();

  std::shared_ptr<PartitionStore> store() const;
  std::string directory() const;  // where the store lies
  Status error() const;
  // kUnavailable: the store was empty when it was opened, and what was in the log then is not applied yet.
  Status Ready() const;
  // The store could not be read, by the writer or a reader; it needs Replace.
  bool damaged() const;
  // Puts the store that was built in the folder, of this partition's log, in the place of the one that is
  // used, as soon as it is as far; readers of the former keep it to their end. Waits until it is done.
  Status Replace(const std::string& built);
  // So that whoever waits for the partition ends; Stop follows.
  void BeginStop();
  // Figures that are whole, and whether others are being computed.
  std::set<uint32_t> complete() const;
  bool backfilling() const;
  bool OutboxEmpty() const;

 private:
  Partition(uint32_t number, std::string directory, PartitionOptions options, EventLog* log,
            DerivedStateUpdater* updater)
      : number_(number),
        options_(std::move(options)),
        directory_(std::move(directory)),
        log_(log),
        updater_(updater) {}
  void Run();
  Status OpenStore();
  Status OpenApplier();
  Status ReadFillMark(uint64_t log_end);
  Status Step();
  Status TakeOver(const std::string& built);
  Status CatchUp(PartitionStore* store);
  void HandleReplacement();
  void RemoveFormer();
  Status Backfill();
  void SendOutbox();
  std::vector<std::string> TakeDelivered();
  void PublishState();

  const uint32_t number_;
  const PartitionOptions options_;
  const std::string directory_;  // of the first generation
  EventLog* log_;
  DerivedStateUpdater* updater_;
  std::shared_ptr<PartitionStore> store_;      // changed by the thread alone, under mutex_
  std::unique_ptr<ChangelogSink> sink_;        // the thread's own; may be none
  std::unique_ptr<PartitionApplier> applier_;  // the thread's own
  std::thread thread_;
  std::atomic<bool> stopping_ = false;
  bool behind_ = false;  // the thread's own

  uint64_t ready_at_ = 0;          // offset
  std::string generation_;         // where the store lies; changed as store_
  std::string former_generation_;  // the thread's own, until nobody reads the one before
  std::weak_ptr<PartitionStore> former_;

  mutable Mutex mutex_;
  ConditionVariable replaced_;
  std::string replacement_ KPR_GUARDED_BY(mutex_);  // empty: none is waiting
  std::optional<Status> replacement_result_ KPR_GUARDED_BY(mutex_);
  Status error_ KPR_GUARDED_BY(mutex_);
  std::set<uint32_t> complete_ KPR_GUARDED_BY(mutex_);
  bool backfilling_ KPR_GUARDED_BY(mutex_) = false;

  // Shared with the log's callbacks, which may outlive a stop.
  struct Outbox {
    Mutex mutex;
    std::set<std::string> under_way KPR_GUARDED_BY(mutex);
    std::vector<std::string> delivered KPR_GUARDED_BY(mutex);
    bool dirty KPR_GUARDED_BY(mutex) = true;  // may hold entries that are not under way
  };
  std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();
};

}  // namespace kpr
