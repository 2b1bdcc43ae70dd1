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
  std::vector<std::pair<int32_t, uint64_t>> ticks;  // calendar day and offset
  uint64_t records = 0;
};

// Reads the records of the chunks that concern the partition. kDamaged: a record that is not ours.
Result<LogStretch> ReadStretch(const std::vector<LogChunk>& chunks, uint64_t from_offset, uint32_t partition,
                               uint32_t partitions);

// Is told each write after it is in the store.
class WriteListener {
 public:
  virtual ~WriteListener() = default;
  virtual void Written(const StoreWrite& write) = 0;
};

class PartitionApplier {
 public:
  // All outlive the applier; there may be no listener.
  PartitionApplier(uint32_t partition, uint32_t partitions, PartitionStore* store, TimelineObserver* observer,
                   WriteListener* listener = nullptr)
      : partition_(partition),
        partitions_(partitions),
        store_(store),
        observer_(observer),
        listener_(listener) {}

  // Reads what the store's cells are computed by and notes what has changed since. Call first. kConflict: a
  // figure's content has changed under its name.
  Status Open();
  // `chunks` begin at or before the store's next offset. `delivered` are outbox keys that are durable in the
  // log.
  Status Apply(const std::vector<LogChunk>& chunks, std::vector<std::string> delivered);
  // Notes figures that have come or gone since the last write. Cheap when there are none.
  Status TakeUpFigures();
  // Computes figures that are new to the store for some more subjects. Nothing to do unless computed() is
  // backfilling.
  Status Backfill(size_t subjects);
  const Computed& computed() const { return computed_; }

  // From timelines alone: cells, findings and outbox of every subject, for a store that has none of them yet.
  // `closes` are written with it. Stops with kUnavailable once `cancelled` says so.
  Status ComputeAll(std::vector<KeyValue> closes, int32_t horizon_days, uint64_t next_offset,
                    const std::function<bool()>& cancelled,
                    const std::function<void(uint64_t subjects)>& progress);

 private:
  // Takes over what the batch computes, as part of the write.
  Status Adopt(const ChangeBatch& changes, StoreWrite* write);
  StoreWrite NextWrite() const;
  FigureFilter FilterFor(const SubjectId& subject, const std::vector<uint32_t>& pending) const;
  Status TurnYear(Date from, Date until, ChangeBatch* changes, const std::vector<uint32_t>& pending);
  void PutFindings(const SubjectId& subject, const History& before, const History& after, StoreWrite* write);
  void PutHandOns(const SubjectId& subject, const std::vector<Fact>& before, const std::vector<Fact>& after,
                  StoreWrite* write);
  Status Commit(StoreWrite write, ChangeBatch* changes, Computed computed);
  Status Write(const StoreWrite& write);

  uint32_t partition_, partitions_;
  PartitionStore* store_;
  TimelineObserver* observer_;
  WriteListener* listener_;
  Computed computed_;
};

// What a stretch's ticks say of the days that are over, given the horizon before it.
std::vector<KeyValue> ClosesOf(const std::vector<std::pair<int32_t, uint64_t>>& ticks, int32_t horizon_days);

// An outbox entry's log record and where it goes.
struct OutboxRecord {
  std::string key;
  uint32_t partition = 0;
  std::string record;
};
Result<std::vector<OutboxRecord>> ReadOutbox(const PartitionStore& store, uint32_t partitions, size_t limit);

}  // namespace kpr
