// Additions to cells, added up, indicator by indicator.
#pragma once

#include <unordered_map>

#include "indicators/aggregation/indicator_deltas.h"
#include "indicators/cells/cell.h"
#include "registry/apply/derived_state_updater.h"

namespace kpr {

class DeltaTable {
 public:
  void Add(const CellKey& key, uint32_t slot, int64_t amount) {
    const uint64_t number = NumberOf(key);
    if (last_ == nullptr || number != last_number_) {
      last_ = &indicators_[number];
      last_number_ = number;
    }
    last_->Add(key, slot, amount);
  }
  size_t bytes() const {
    size_t sum = 0;
    for (const auto& [number, deltas] : indicators_) sum += deltas.bytes();
    return sum;
  }
  // What is not zero: the deltas of cells by rising key, and those of totals; empties the table.
  std::vector<KeyValue> TakeInto(const DeltaSink& cells);
  CellDeltas Take();  // the same, all at once

 private:
  // Of indicator and reference period, in their order.
  static uint64_t NumberOf(const CellKey& key) {
    return uint64_t{key.indicator} << 8 | static_cast<uint8_t>(key.period);
  }

  std::unordered_map<uint64_t, IndicatorDeltas> indicators_;
  uint64_t last_number_ = 0;
  IndicatorDeltas* last_ = nullptr;  // contributions come in runs
};

}  // namespace kpr
