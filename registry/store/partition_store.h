// One partition's registry on disk: timelines, cells, findings, feedback, outbox and the log position they
// hold, changed together in one write. Not synced: the log is the truth, a lost tail is replayed from the
// stored position. One writer; readers from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace kpr {

using KeyValue = std::pair<std::string, std::string>;

// What one micro-batch of the log changes.
struct StoreWrite {
  std::vector<std::pair<SubjectId, std::string>> timeline_appends;
  std::vector<KeyValue> cell_deltas;  // see indicators/cells/cell.h; the store adds them up
  std::vector<KeyValue> finding_puts;
  std::vector<std::string> finding_deletes;
  std::vector<KeyValue> feedback_puts;
  std::vector<KeyValue> outbox_puts;
  std::vector<std::string> outbox_deletes;
  uint64_t next_offset = 0;
  int32_t horizon_days = 0;
  uint64_t feedback_next = 0;
};

struct StoreState {
  uint64_t next_offset = 0;
  int32_t horizon_days = 0;
  uint64_t feedback_next = 0;
};

enum class Table { kTimelines, kCells, kFindings, kFeedback, kOutbox };

class PartitionStore {
 public:
  virtual ~PartitionStore() = default;

  virtual Status Write(const StoreWrite& write) = 0;
  virtual Result<std::string> Timeline(const SubjectId& subject) const = 0;  // empty: unknown subject
  // `subjects` sorted, each once.
  virtual Result<std::vector<std::string>> Timelines(const std::vector<SubjectId>& subjects) const = 0;
  // Calls f(key, value) in key order for keys with the prefix, over one moment's state, until f gives false.
  virtual Status Scan(Table table, std::string_view prefix,
                      const std::function<bool(std::string_view, std::string_view)>& f) const = 0;
  // As Scan, from `first` on, up to but without `end`. `state`, if given, is that of the same moment.
  virtual Status ScanRange(Table table, std::string_view first, std::string_view end,
                           const std::function<bool(std::string_view, std::string_view)>& f,
                           StoreState* state = nullptr) const = 0;
  virtual uint64_t next_offset() const = 0;  // after the newest Write; thread-safe
  virtual int32_t horizon_days() const = 0;
  virtual uint64_t feedback_next() const = 0;
  virtual uint64_t generation() const = 0;    // drawn when the store was made
  virtual std::string catalogue() const = 0;  // content hash the cells were computed with; empty: new store
  virtual Status SetCatalogue(const std::string& hash) = 0;
};

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
