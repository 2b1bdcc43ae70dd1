// The running registry: one store and one writer thread per partition, one for the senders' chains, all fed
// from the log. Starts where the stores stand; what is missing is replayed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "registry/apply/applier.h"
#include "registry/apply/observer.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"
#include "registry/store/partition_store.h"
#include "registry/timeline/chain.h"

namespace kpr {

struct AppliedStretch {
  uint32_t partition = 0;
  uint64_t records = 0;
  double seconds = 0;
};

struct RegistryOptions {
  std::string directory;
  const SpaceGuard* space_guard = nullptr;
  size_t stretch_bytes = 24u << 20;          // of log applied as one write
  size_t backfill_subjects = 2000;           // whose new figures are computed in one write
  std::chrono::milliseconds idle_wait{200};  // how long a stop may wait for an idle thread
  // Called on the writer threads after each write.
  std::function<void(const AppliedStretch&)> on_applied = [](const AppliedStretch&) {};
};

class Registry {
 public:
  // `log` and `observer` outlive the registry. Figures that the stores lack are computed while it runs.
  // kConflict: a figure has another content than the stores' cells were computed by.
  static Result<std::unique_ptr<Registry>> Open(RegistryOptions options, EventLog* log,
                                                TimelineObserver* observer);
  ~Registry();  // stops

  void Start();
  void Stop();

  const PartitionStore& store(uint32_t partition) const { return *stores_[partition]; }
  uint32_t partitions() const { return static_cast<uint32_t>(stores_.size()); }
  // The calendar day every partition has reached; day 0 (1970-01-01) before the first tick.
  Date horizon() const;
  // Another number for each registry that is made anew.
  uint64_t generation() const;
  // Why a partition stands still; OK while it works.
  Status error(uint32_t partition) const;

  // Whether every partition has the whole of the figure.
  bool Complete(uint32_t figure) const;
  // Subjects of all partitions whose new figures are still to be computed are waited for as well.
  bool WaitComplete(std::chrono::milliseconds timeout) const;
  // Per partition: the log position at the end of the calendar day `day`; all there is, while it runs.
  Result<std::vector<uint64_t>> PositionsAtClose(Date day) const;

  // Waits until all that was in the log at the call is applied and the outbox is empty. False: out of time.
  bool WaitApplied(std::chrono::milliseconds timeout) const;
  // Counts writes; waits until it differs from `seen` or the time is out, and gives it.
  uint64_t WaitForChange(uint64_t seen, std::chrono::milliseconds timeout) const;

  // The sender's chain over all that is durable at the call.
  Result<Chain> SenderChain(const std::string& sender, std::chrono::milliseconds timeout) const;

 private:
  Registry(RegistryOptions options, EventLog* log, TimelineObserver* observer);
  void RunPartition(uint32_t partition);
  Status Step(uint32_t partition);
  void RunChains();
  Status StepChains();
  void SendOutbox(uint32_t partition);
  std::vector<std::string> TakeDelivered(uint32_t partition);
  bool AllApplied(const std::vector<uint64_t>& ends) const;
  bool OutboxEmpty() const;
  void TellComputed(uint32_t partition);

  RegistryOptions options_;
  EventLog* log_;
  TimelineObserver* observer_;
  std::vector<std::unique_ptr<PartitionStore>> stores_;
  std::vector<std::unique_ptr<PartitionApplier>> appliers_;  // each used by its partition's thread alone
  std::unique_ptr<ChainStore> chains_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_ = false;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  uint64_t changes_ = 0;
  std::vector<Status> errors_;
  std::vector<std::set<uint32_t>> complete_;  // figures, by partition
  std::vector<bool> backfilling_;
  struct Outbox {
    std::set<std::string> under_way;
    std::vector<std::string> delivered;
    bool dirty = true;  // may hold entries that are not under way
  };
  // Shared with the log's callbacks, which may outlive a stop.
  std::shared_ptr<std::mutex> outbox_mutex_ = std::make_shared<std::mutex>();
  std::vector<std::shared_ptr<Outbox>> outboxes_;
};

std::string PartitionDirectory(const std::string& registry, uint32_t partition);
std::string ChainDirectory(const std::string& registry);

}  // namespace kpr
