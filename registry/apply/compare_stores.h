// What two stores of one partition tell differently. Feedback and the outbox are left out: a rebuilt store
// tells them again from the start.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "registry/read/partition_reader.h"

namespace kpr {

struct StoreDifferences {
  uint64_t entries = 0;  // compared
  uint64_t differences = 0;
  std::string first;  // table and key, readable; empty: they are equal
};

// Both of one log position. kDataLoss: `a` or `b` cannot be read. kUnavailable once `cancelled` says so.
Result<StoreDifferences> CompareStores(const Snapshot& a, const Snapshot& b,
                                       const std::function<bool()>& cancelled);

}  // namespace kpr
