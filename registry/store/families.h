// The column families of a partition's store. Private to registry/store.
#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "registry/read/partition_reader.h"
#include "registry/store/partition_store.h"

namespace kpr {

// The order is stored in the database: append, never reorder.
enum Family {
  kMeta,
  kTimelineFamily,
  kCellFamily,
  kFindingFamily,
  kFeedbackFamily,
  kOutboxFamily,
  kTotalFamily,
  kDayBoundaryFamily,
  kQuarantineFamily,
  kFamilies
};
constexpr const char* kFamilyNames[] = {"default", "timelines", "cells",          "findings",  "feedback",
                                        "outbox",  "totals",    "day_boundaries", "quarantine"};

// With their options.
std::vector<rocksdb::ColumnFamilyDescriptor> FamiliesFor(StoreUse use);

inline Family FamilyOf(Table table) {
  switch (table) {
    case Table::kTimelines:
      return kTimelineFamily;
    case Table::kCells:
      return kCellFamily;
    case Table::kTotals:
      return kTotalFamily;
    case Table::kDayBoundaries:
      return kDayBoundaryFamily;
    case Table::kFindings:
      return kFindingFamily;
    case Table::kFeedback:
      return kFeedbackFamily;
    case Table::kOutbox:
      return kOutboxFamily;
    case Table::kQuarantine:
      return kQuarantineFamily;
  }
  return kMeta;
}

}  // namespace kpr
