#include "indicators/aggregation/indicator_deltas.h"

#include <tuple>

#include "indicators/aggregation/add_up.h"

namespace kpr {

CellKey IndicatorDeltas::KeyOf(uint32_t indicator, ReferencePeriod period, const Narrow& addition) {
  CellKey key;
  key.indicator = indicator;
  key.period = period;
  key.place.municipality_count = 1;
  key.place.municipalities[0] = static_cast<uint16_t>(addition.place >> 48);
  key.year = static_cast<uint16_t>(addition.place >> 32);
  key.place.provider = static_cast<uint32_t>(addition.place);
  key.sex = static_cast<uint8_t>(addition.stratum >> 24);
  key.age = static_cast<uint8_t>(addition.stratum >> 16);
  return key;
}

void IndicatorDeltas::AddUpNarrow() {
  AddUp(&narrow_, [](const Narrow& a, const Narrow& b) {
    return (a.place < b.place) | ((a.place == b.place) & (a.stratum < b.stratum));
  });
  narrow_limit_ = std::max(kLimit, 4 * narrow_.size());
}

void IndicatorDeltas::AddUpWide() {
  const auto order = [](const Wide& a) {
    const CellKey& k = a.key;
    return std::tie(k.place.municipality_count, k.place.municipalities, k.year, k.place.provider, k.sex,
                    k.age, a.slot);
  };
  AddUp(&wide_, [&](const Wide& a, const Wide& b) { return order(a) < order(b); });
  wide_limit_ = std::max(kLimit, 4 * wide_.size());
}

}  // namespace kpr
