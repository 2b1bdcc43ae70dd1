// Log to store, one partition: folds what a stretch of the log adds to the timelines it touches and writes
// timelines, cells, findings and the next position as one. A stretch applied twice changes nothing.
#pragma once

#include <functional>
#include <vector>

#include "registry/apply/observer.h"
#include "registry/event_log/event_log.h"
#include "registry/store/partition_store.h"

namespace kpr {

// What one stretch of the log says, by subject.
struct LogStretch {
  std::vector<std::pair<SubjectId, std::string>>
      facts;  // encoded, in log order; a subject may stand several times
  int32_t horizon_days = 0;
  uint64_t records = 0;
};

// Reads the records of the chunks that concern the partition. kDamaged: a record that is not ours.
Result<LogStretch> ReadStretch(const std::vector<LogChunk>& chunks, uint64_t from_offset, uint32_t partition,
                               uint32_t partitions);

class PartitionApplier {
 public:
  // All outlive the applier.
  PartitionApplier(uint32_t partition, uint32_t partitions, PartitionStore* store, TimelineObserver* observer)
      : partition_(partition), partitions_(partitions), store_(store), observer_(observer) {}

  // `chunks` begin at or before the store's next offset. `delivered` are outbox keys that are durable in the
  // log.
  Status Apply(const std::vector<LogChunk>& chunks, std::vector<std::string> delivered);

  // From timelines alone: cells, findings and outbox of every subject, for a store that has none of them yet.
  // Stops with kUnavailable once `cancelled` says so.
  Status ComputeAll(int32_t horizon_days, uint64_t next_offset, const std::function<bool()>& cancelled,
                    const std::function<void(uint64_t subjects)>& progress);

 private:
  Status MoveHorizon(Date before, Date after, ChangeBatch* changes);
  void PutFindings(const SubjectId& subject, const History& before, const History& after, StoreWrite* write);
  void PutHandOns(const SubjectId& subject, const std::vector<Fact>& before, const std::vector<Fact>& after,
                  StoreWrite* write);

  uint32_t partition_, partitions_;
  PartitionStore* store_;
  TimelineObserver* observer_;
};

// An outbox entry's log record and where it goes.
struct OutboxRecord {
  std::string key;
  uint32_t partition = 0;
  std::string record;
};
Result<std::vector<OutboxRecord>> ReadOutbox(const PartitionStore& store, uint32_t partitions, size_t limit);

}  // namespace kpr
