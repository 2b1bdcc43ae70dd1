// The read side of one partition's registry: timelines, cells, findings, feedback and the log position they
// are of. Knows no storage engine; registry/store implements it. Thread-safe.
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
// Called in key order; false ends the scan.
using ScanFunction = std::function<bool(std::string_view key, std::string_view value)>;

enum class Table { kTimelines, kCells, kTotals, kDayBoundaries, kFindings, kFeedback, kOutbox, kQuarantine };

struct StoreState {
  uint64_t next_offset = 0;
  int32_t horizon_days = 0;
  uint64_t feedback_next = 0;
  bool partial_batch = false;  // of a replica: it holds a part of a changelog batch without the rest
  bool operator==(const StoreState&) const = default;
};

// One state of a partition, unaffected by later writes. Keep it for seconds, not for hours. It keeps the
// partition open.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual const StoreState& state() const = 0;
  // What its cells are computed by: indicator versions, ends of codes (docs/formats.md).
  virtual Result<std::string> Catalogue() const = 0;
  // As PartitionReader::ScanRange.
  virtual Status ScanRange(Table table, std::string_view first, std::string_view end,
                           const ScanFunction& f) const = 0;
};

class PartitionReader {
 public:
  virtual ~PartitionReader() = default;

  virtual Result<std::string> Timeline(const SubjectId& subject) const = 0;  // empty: unknown subject
  // `subjects` sorted, each once.
  virtual Result<std::vector<std::string>> Timelines(const std::vector<SubjectId>& subjects) const = 0;
  // The value of each key, if there is one.
  virtual Result<std::vector<std::optional<std::string>>> Values(
      Table table, const std::vector<std::string>& keys) const = 0;
  // Every key with the prefix, over one state.
  virtual Status Scan(Table table, std::string_view prefix, const ScanFunction& f) const = 0;
  // Keys from `first` on, up to but without `end`. `state`, if given, receives the state that was scanned.
  virtual Status ScanRange(Table table, std::string_view first, std::string_view end, const ScanFunction& f,
                           StoreState* state = nullptr) const = 0;
  // kUnavailable while the partition holds a partial batch.
  virtual Result<std::unique_ptr<Snapshot>> TakeSnapshot() const = 0;
  // Of the newest write.
  virtual uint64_t next_offset() const = 0;
  virtual int32_t horizon_days() const = 0;
  virtual uint64_t feedback_next() const = 0;
  // Log records that could not be applied; their offsets and why are in Table::kQuarantine.
  virtual uint64_t quarantined() const = 0;
  // A random number drawn when the store was created; numbers given out under another epoch mean nothing
  // here.
  virtual uint64_t epoch() const = 0;
};

using PartitionReaders = std::vector<std::shared_ptr<const PartitionReader>>;  // by partition

}  // namespace kpr
