// One partition's registry on disk: timelines, cells, findings, feedback, outbox and the log position they
// are of, changed together in one write. Not synced: the log is the source of truth, and a lost tail is
// replayed from the stored position. One writer; readers from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/read/partition_reader.h"

namespace kpr {

// Sets a key's value, or deletes the key where there is none.
struct Put {
  Table table = Table::kCells;
  std::string key;
  std::optional<std::string> value;
};

// Rises when stored bytes mean something else than before (docs/formats.md).
inline constexpr char kStoreFormat[] = "4";

// What one micro-batch of the log changes.
struct StoreWrite {
  std::vector<std::pair<SubjectId, std::string>> timeline_appends;
  std::vector<KeyValue> cell_deltas;   // encoded slots (base/slots.h); the store adds them up
  std::vector<KeyValue> total_deltas;  // their sums, by keys of their own (indicators/cells/total.h)
  // Prefixes of cells and totals to delete before any delta is added.
  std::vector<std::string> cell_prefix_deletes;
  std::vector<std::string> day_boundary_deletes;  // before the puts
  std::vector<KeyValue>
      day_boundary_puts;                 // day, big-endian, to the offset of the first tick that reached it
  std::optional<std::string> catalogue;  // what the cells are computed by from here on
  std::vector<KeyValue> finding_puts;
  std::vector<std::string> finding_deletes;
  std::vector<KeyValue> feedback_puts;
  std::vector<KeyValue> outbox_puts;
  std::vector<std::string> outbox_deletes;
  std::vector<KeyValue> quarantine_puts;  // offset, big-endian, to why it could not be applied
  std::vector<std::string> quarantine_deletes;
  // Of a replica: what its source says, and how far it has read which source.
  std::vector<Put> puts;
  std::vector<std::pair<std::string, uint64_t>> metadata;
  std::optional<uint64_t> epoch;
  uint64_t next_offset = 0;
  int32_t horizon_days = 0;
  uint64_t feedback_next = 0;
  bool partial_batch = false;
};

// Takes the delta of one cell or total: its key and encoded slots.
using DeltaSink = std::function<void(std::string key, std::string slots)>;

class PartitionStore : public PartitionReader {
 public:
  virtual Status Write(const StoreWrite& write) = 0;
  // Adds the deltas that `give` gives by rising key, to cells or totals, as a file of their own. Not one with
  // any write: for a store being filled.
  virtual Status AddInBulk(Table table, const std::function<void(const DeltaSink&)>& give) = 0;
  virtual Result<uint64_t> Metadata(const std::string& name) const = 0;  // as last written; 0: never
  // Whether any reading or writing has met bytes that are not what was written.
  virtual bool damaged() const = 0;
  virtual std::string catalogue() const = 0;  // as last written; empty: a new store

  // Copies the whole store, as of one state, beside earlier copies in `directory`, which only this store
  // writes to. Unchanged files are not copied again. The newest two copies are kept. The store stays in use.
  virtual Status Backup(const std::string& directory) = 0;
  // Ends a backup that another thread is making.
  virtual void StopBackup() = 0;
  // Leaves nothing to replay for the next open.
  virtual Status Flush() = 0;
  // Merges all that was added to totals, which questions read the most. Rewrites their whole table; the store
  // stays in use.
  virtual Status MergeTotals() = 0;
};

struct BackupInfo {
  std::string directory;
  uint32_t number = 0;
  uint64_t next_offset = 0;
};
// The complete backups in a directory that PartitionStore::Backup wrote to; none where it is not one.
std::vector<BackupInfo> ListBackups(const std::string& directory);
// Creates `store`, which must not exist, from a backup, with an epoch of its own. kDataLoss: the copy's
// checksums are wrong.
Status Restore(const BackupInfo& backup, const std::string& store);

// A store being filled counts for nothing until Flush, so that it keeps no log of writes, and it merges late.
// It is closed, and opened to be used, when it is whole.
enum class StoreUse { kServing, kFilling };
Result<std::shared_ptr<PartitionStore>> OpenPartitionStore(const std::string& directory,
                                                           StoreUse use = StoreUse::kServing);
// So many stores of this process can merge at the same time from here on, where one could.
void MergeAtOnce(uint32_t stores);

}  // namespace kpr
