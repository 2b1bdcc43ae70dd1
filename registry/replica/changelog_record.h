// What of a store is published, and how its records are written (docs/formats.md). A publication is a run of
// records that ends with a marker; the records before the marker belong to the log position it names.
#pragma once

#include <optional>
#include <string>

#include "registry/event_log/changelog.h"
#include "registry/store/partition_store.h"

namespace kpr {

inline constexpr Table kPublishedTables[] = {Table::kCells,    Table::kTotals,   Table::kDayBoundaries,
                                             Table::kFindings, Table::kFeedback, Table::kQuarantine};

// A key of one of the published tables, as in a record.
std::string ChangeKey(Table table, std::string_view key);

// What a record says of a key. `position`: the log position of the store it is from.
struct Change {
  Table table = Table::kCells;
  std::string key;
  uint64_t position = 0;
  std::optional<std::string> value;
};
ChangelogRecord EncodeChange(std::string change_key, uint64_t position, const std::string& value);

// The end of a publication: the store's state.
struct BatchCommitMarker {
  StoreState state;
  uint64_t epoch = 0;
  std::string catalogue;
  int64_t at_ms = 0;  // the worker's clock
  bool SameStore(const BatchCommitMarker& other) const {
    return state == other.state && epoch == other.epoch && catalogue == other.catalogue;
  }
};
ChangelogRecord EncodeMarker(const BatchCommitMarker& marker);

bool IsMarker(const ChangelogRecord& record);
// kDataLoss: not a record of this form.
Result<Change> DecodeChange(const ChangelogRecord& record);
Result<BatchCommitMarker> DecodeMarker(const ChangelogRecord& record);

}  // namespace kpr
