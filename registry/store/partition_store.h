// One partition's registry on disk: timelines, cells, findings, feedback, outbox and the log position they
// hold, changed together in one write. Not synced: the log is the truth, a lost tail is replayed from the
// stored position. One writer; readers from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace kpr {

using KeyValue = std::pair<std::string, std::string>;

enum class Table { kTimelines, kCells, kTotals, kCloses, kFindings, kFeedback, kOutbox };

// A key's value as it is from here on; none: the key goes.
struct Assignment {
  Table table = Table::kCells;
  std::string key;
  std::optional<std::string> value;
};

// What one micro-batch of the log changes.
struct StoreWrite {
  std::vector<std::pair<SubjectId, std::string>> timeline_appends;
  std::vector<KeyValue> cell_deltas;   // see indicators/cells/cell.h; the store adds them up
  std::vector<KeyValue> total_deltas;  // the same over all providers and strata
  // Prefixes of cells and totals that go, before any delta is added.
  std::vector<std::string> cell_drops;
  std::vector<KeyValue> close_puts;      // day, big-endian, to the offset of the tick that began it
  std::optional<std::string> catalogue;  // what the cells are computed by from here on
  std::vector<KeyValue> finding_puts;
  std::vector<std::string> finding_deletes;
  std::vector<KeyValue> feedback_puts;
  std::vector<KeyValue> outbox_puts;
  std::vector<std::string> outbox_deletes;
  // Of a replica: what its source says, and how far it has followed which source.
  std::vector<Assignment> assignments;
  std::vector<std::pair<std::string, uint64_t>> marks;
  std::optional<uint64_t> generation;
  uint64_t next_offset = 0;
  int32_t horizon_days = 0;
  uint64_t feedback_next = 0;
  bool torn = false;
};

struct StoreState {
  uint64_t next_offset = 0;
  int32_t horizon_days = 0;
  uint64_t feedback_next = 0;
  bool torn = false;  // of a replica: part of a publication is in it without the rest
  bool operator==(const StoreState&) const = default;
};

// One moment of a store. Keep it for seconds, not for hours; the store outlives it.
class StoreMoment {
 public:
  virtual ~StoreMoment() = default;
  virtual const StoreState& state() const = 0;
  // As PartitionStore::ScanRange.
  virtual Status ScanRange(Table table, std::string_view first, std::string_view end,
                           const std::function<bool(std::string_view, std::string_view)>& f) const = 0;
};

class PartitionStore {
 public:
  virtual ~PartitionStore() = default;

  virtual Status Write(const StoreWrite& write) = 0;
  virtual Result<std::string> Timeline(const SubjectId& subject) const = 0;  // empty: unknown subject
  // `subjects` sorted, each once.
  virtual Result<std::vector<std::string>> Timelines(const std::vector<SubjectId>& subjects) const = 0;
  // Of each key, if there is one.
  virtual Result<std::vector<std::optional<std::string>>> Values(
      Table table, const std::vector<std::string>& keys) const = 0;
  // Calls f(key, value) in key order for keys with the prefix, over one moment's state, until f gives false.
  virtual Status Scan(Table table, std::string_view prefix,
                      const std::function<bool(std::string_view, std::string_view)>& f) const = 0;
  // As Scan, from `first` on, up to but without `end`. `state`, if given, is that of the same moment.
  virtual Status ScanRange(Table table, std::string_view first, std::string_view end,
                           const std::function<bool(std::string_view, std::string_view)>& f,
                           StoreState* state = nullptr) const = 0;
  // kUnavailable while it is torn.
  virtual Result<std::unique_ptr<StoreMoment>> Moment() const = 0;
  virtual uint64_t next_offset() const = 0;  // after the newest Write; thread-safe
  virtual int32_t horizon_days() const = 0;
  virtual uint64_t feedback_next() const = 0;
  virtual uint64_t generation() const = 0;                   // drawn when the store was made, or its source's
  virtual uint64_t Mark(const std::string& name) const = 0;  // as last written; 0 never
  virtual std::string catalogue() const = 0;                 // as last written; empty: new store

  // Copies the whole store, as of one moment, beside earlier copies in `directory`, which only this store
  // writes to; files that have not changed are not copied again. The newest two stay. While the store is
  // used.
  virtual Status Checkpoint(const std::string& directory) = 0;
  // Ends a checkpoint that is being made, on another thread.
  virtual void StopCheckpoint() = 0;
  // So that the next open has nothing to replay.
  virtual Status Flush() = 0;
};

struct CheckpointInfo {
  std::string directory;
  uint32_t number = 0;
  uint64_t next_offset = 0;
};
// The whole checkpoints in a directory that PartitionStore::Checkpoint wrote to; none where there is no such.
std::vector<CheckpointInfo> Checkpoints(const std::string& directory);
// Makes `store`, which must not exist, from a checkpoint. Its generation is drawn anew when it is opened.
// kDamaged: the copy's checksums are wrong.
Status Restore(const CheckpointInfo& checkpoint, const std::string& store);

Result<std::unique_ptr<PartitionStore>> OpenPartitionStore(const std::string& directory);

// Small keyed values with a log position: the senders' chains.
class ChainStore {
 public:
  virtual ~ChainStore() = default;
  virtual Status Write(const std::vector<KeyValue>& puts, uint64_t next_offset) = 0;
  virtual Result<std::string> Get(std::string_view sender) const = 0;
  virtual Status Scan(const std::function<bool(std::string_view, std::string_view)>& f) const = 0;
  virtual uint64_t next_offset() const = 0;
};

Result<std::unique_ptr<ChainStore>> OpenChainStore(const std::string& directory);

}  // namespace kpr
