#include "indicators/cells/total.h"

#include <algorithm>

#include "base/bytes.h"

namespace kpr {
namespace {

uint16_t FirstYear(TotalsBy by, uint16_t year) {
  return by == TotalsBy::kMonth ? year : static_cast<uint16_t>(year - year % kYearsOfTotal);
}

// In one byte: 0 to 3 by months, 4 to 7 by years.
uint8_t KindOf(ReferencePeriod period, TotalsBy by) {
  return static_cast<uint8_t>(static_cast<size_t>(by) * kReferencePeriods + static_cast<size_t>(period));
}

std::string StartOf(uint32_t indicator, ReferencePeriod period, TotalsBy by, uint16_t year) {
  std::string start;
  start.reserve(20);
  PutBigEndian(&start, indicator);
  PutBigEndian(&start, KindOf(period, by));
  PutBigEndian(&start, year);
  return start;
}

}  // namespace

TotalKey TotalKey::Of(const CellKey& cell, TotalsBy by) {
  TotalKey key{cell.indicator, cell.period, by, FirstYear(by, cell.year), cell.place};
  key.place.provider = 0;
  return key;
}

std::string TotalKey::Encode() const {
  std::string out = StartOf(indicator, period, by, year);
  out.push_back(static_cast<char>(place.municipality_count));
  for (size_t i = 0; i < place.municipality_count; ++i) PutBigEndian(&out, place.municipalities[i]);
  return out;
}

bool TotalKey::Decode(std::string_view bytes, TotalKey* key) {
  ByteReader reader(bytes);
  *key = {};
  key->indicator = reader.BigEndian<uint32_t>();
  const auto kind = reader.BigEndian<uint8_t>();
  key->period = static_cast<ReferencePeriod>(kind % kReferencePeriods);
  key->by = static_cast<TotalsBy>(kind / kReferencePeriods);
  key->year = reader.BigEndian<uint16_t>();
  key->place.municipality_count = reader.BigEndian<uint8_t>();
  if (key->place.municipality_count > kMaxCellMunicipalities) {
    *key = {};
    return false;
  }
  for (size_t i = 0; i < key->place.municipality_count; ++i)
    key->place.municipalities[i] = reader.BigEndian<uint16_t>();
  return !reader.failed() && reader.empty() && kind < 2 * kReferencePeriods;
}

std::pair<std::string, std::string> TotalRange(uint32_t indicator, ReferencePeriod period, TotalsBy by,
                                               int from, int to) {
  const auto year = [](int y) { return static_cast<uint16_t>(std::clamp(y, 0, UINT16_MAX)); };
  return {StartOf(indicator, period, by, FirstYear(by, year(from))),
          StartOf(indicator, period, by, year(to + 1))};
}

}  // namespace kpr
