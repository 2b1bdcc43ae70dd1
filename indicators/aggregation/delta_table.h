// Additions to cells, added up: one flat open-addressing table from (cell, slot) to amount. A sweep over all
// subjects adds millions of contributions to more cells than the caches hold, so they are gathered first and
// then put in with their places fetched ahead.
#pragma once

#include <vector>

#include "indicators/cells/cell.h"
#include "registry/apply/derived_state_updater.h"

namespace kpr {

class DeltaTable {
 public:
  DeltaTable() : entries_(kInitial) { waiting_.reserve(kWaiting); }

  void Add(const CellKey& key, uint32_t slot, int64_t amount) {
    waiting_.push_back({key, slot, amount});
    if (waiting_.size() == kWaiting) Settle();
  }
  // What is not zero, as the store's cell and total deltas, by key; empties the table.
  CellDeltas Take();

 private:
  struct Entry {
    CellKey key;
    uint32_t slot = kFree;
    int64_t amount = 0;
  };
  static constexpr uint32_t kFree = UINT32_MAX;
  static constexpr size_t kInitial = 1u << 13, kWaiting = 4096;

  static size_t Hash(const Entry& entry) {
    return CellKeyHash()(entry.key) + entry.slot * 0x9E3779B97F4A7C15ull;
  }
  Entry& Find(const Entry& entry, size_t hash);
  void Settle();
  void Grow();

  std::vector<Entry> waiting_;
  std::vector<Entry> entries_;  // a power of two, at most two thirds used
  size_t used_ = 0;
};

}  // namespace kpr
