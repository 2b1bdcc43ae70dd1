// Log to store, one partition: folds what a slice of the log adds to the timelines it touches and writes
// timelines, cells, findings and the next position as one. A slice applied twice changes nothing.
#pragma once

#include <functional>
#include <vector>

#include "registry/apply/derived_state_updater.h"
#include "registry/log_record/log_slice.h"
#include "registry/store/partition_store.h"

namespace kpr {

// Called with each write after it is in the store.
class WriteListener {
 public:
  virtual ~WriteListener() = default;
  virtual void Written(const StoreWrite& write) = 0;
};

struct RebuildWrites;

class PartitionApplier {
 public:
  // All outlive the applier; there may be no listener.
  PartitionApplier(uint32_t partition, uint32_t partitions, PartitionStore* store,
                   DerivedStateUpdater* updater, WriteListener* listener = nullptr)
      : partition_(partition),
        partitions_(partitions),
        store_(store),
        updater_(updater),
        listener_(listener) {}

  // Reads what the store's cells are computed by and notes what has changed since. Call first.
  // kFailedPrecondition: a version's content has changed under its name.
  Status Open();
  // `chunks` begin at or before the store's next offset. `delivered` are outbox keys that are durable in the
  // log.
  Status Apply(const std::vector<LogChunk>& chunks, std::vector<std::string> delivered);
  // Applies what an earlier version could not read and this one can. Cheap when there is none.
  Status RetryQuarantined(EventLog* log);
  // Notes versions that have come or gone since the last write. Cheap when there are none.
  Status SyncCatalogue();
  // Computes versions that are new to the store for some more subjects. Nothing to do unless computed() is
  // backfilling.
  Status Backfill(size_t subjects);
  const BackfillState& backfill() const { return backfill_; }

  // From timelines alone: cells, findings and outbox of every subject, for a store that has none of them yet.
  // `day_boundaries` are written with it. Stops with kUnavailable once `cancelled` says so.
  Status ComputeAll(std::vector<KeyValue> day_boundaries, int32_t horizon_days, uint64_t next_offset,
                    const RebuildWrites& writes, const std::function<bool()>& cancelled,
                    const std::function<void(uint64_t subjects)>& progress);

 private:
  class Takeover;
  // Takes over what the batch computes, and by which ends of codes, as part of the write.
  Status Sync(ChangeBatch* changes, StoreWrite* write);
  // Where it fails, backfill_ may have taken over a part.
  Status SyncVersions(const ChangeBatch& changes, StoreWrite* write);
  Status SyncCodeEnds(ChangeBatch* changes, StoreWrite* write);
  // With each timeline of the table from `prefix` on.
  Status ForEachState(const std::string& prefix, const std::function<void(const SubjectState&)>& with) const;
  Status ApplySlice(const LogSlice& slice, StoreWrite write);
  Status ApplyFacts(const LogSlice& slice, Date until, const std::vector<uint32_t>& pending,
                    ChangeBatch* changes, StoreWrite* write);
  StoreWrite NextWrite() const;
  VersionFilter FilterFor(const SubjectId& subject, const std::vector<uint32_t>& pending) const;
  Status MoveCalendarOf(const LogSlice& slice, StoreWrite* write) const;
  // Figures were kept up to `before`, the end of a year, and are kept up to `until` from here on.
  Status TurnYear(Date before, Date until, ChangeBatch* changes, const std::vector<uint32_t>& pending);
  void PutFindings(const SubjectId& subject, const SubjectState& before, const SubjectState& after,
                   StoreWrite* write);
  void PutForwards(const SubjectId& subject, const std::vector<Fact>& before, const std::vector<Fact>& after,
                   StoreWrite* write);
  Status Commit(StoreWrite write, ChangeBatch* changes, BackfillState computed);
  Status Write(const StoreWrite& write);

  uint32_t partition_, partitions_;
  PartitionStore* store_;
  DerivedStateUpdater* updater_;
  WriteListener* listener_;
  BackfillState backfill_;
};

// What of a slice could not be read, as the store keeps it: skipped, counted and tried again by a later
// version.
std::vector<KeyValue> QuarantineOf(const LogSlice& slice);

}  // namespace kpr
