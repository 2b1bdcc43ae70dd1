// Additions to the cells of one indicator in one reference period. They are only appended, in 24 bytes where
// the place is one municipality, as nearly all are, and sorted and added up when they have grown fourfold: a
// sweep over all subjects makes millions, in runs by indicator, and a run of one indicator stays in the
// caches where a table of all cells does not.
#pragma once

#include <algorithm>
#include <vector>

#include "indicators/cells/cell.h"

namespace kpr {

class IndicatorDeltas {
 public:
  void Add(const CellKey& key, uint32_t slot, int64_t amount) {
    if (key.place.municipality_count != 1) {
      wide_.push_back({key, slot, amount});
      if (wide_.size() >= wide_limit_) AddUpWide();
    } else {
      narrow_.push_back({PlaceOf(key), StratumOf(key, slot), amount});
      if (narrow_.size() >= narrow_limit_) AddUpNarrow();
    }
  }

  size_t bytes() const { return narrow_.size() * sizeof(Narrow) + wide_.size() * sizeof(Wide); }
  // Calls f(key, slot, amount) for each sum that is not zero, as encoded keys sort, then by slot.
  template <typename F>
  void ForEach(uint32_t indicator, ReferencePeriod period, F f) {
    AddUpNarrow();
    AddUpWide();
    auto wide = wide_.begin();
    for (; wide != wide_.end() && wide->key.place.municipality_count == 0; ++wide)
      f(wide->key, wide->slot, wide->amount);
    for (const Narrow& a : narrow_) f(KeyOf(indicator, period, a), a.stratum & 0xFFFF, a.amount);
    for (; wide != wide_.end(); ++wide) f(wide->key, wide->slot, wide->amount);
  }

 private:
  struct Narrow {
    uint64_t place = 0;    // municipality, year, provider
    uint32_t stratum = 0;  // sex, age, slot
    int64_t amount = 0;
  };
  struct Wide {
    CellKey key;
    uint32_t slot = 0;
    int64_t amount = 0;
  };
  static constexpr size_t kLimit = 2048;  // below it nothing is added up

  static uint64_t PlaceOf(const CellKey& key) {
    return uint64_t{key.place.municipalities[0]} << 48 | uint64_t{key.year} << 32 | key.place.provider;
  }
  static uint32_t StratumOf(const CellKey& key, uint32_t slot) {
    static_assert(12 * slot::kCount <= 1u << 16);
    return uint32_t{key.sex} << 24 | uint32_t{key.age} << 16 | slot;
  }
  static CellKey KeyOf(uint32_t indicator, ReferencePeriod period, const Narrow& addition);
  void AddUpNarrow();
  void AddUpWide();

  std::vector<Narrow> narrow_;
  std::vector<Wide> wide_;
  size_t narrow_limit_ = kLimit, wide_limit_ = kLimit;
};

}  // namespace kpr
