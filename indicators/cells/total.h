// A total is what cells of one indicator and place come to over all providers, sexes and ages. It is kept
// twice, month by month of one year and year by year of a decade, so that a question reads what it asks for
// and little more. Key and slots are part of the stored format (docs/formats.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "indicators/cells/cell.h"

namespace kpr {

enum class TotalsBy : uint8_t { kMonth = 0, kYear = 1 };

inline constexpr uint16_t kYearsOfTotal = 10;

struct TotalKey {
  uint32_t indicator = 0;
  ReferencePeriod period = ReferencePeriod::kLastDay;
  TotalsBy by = TotalsBy::kMonth;
  uint16_t year = 0;  // by years: the first of ten
  CellPlace place;    // without a provider

  // Of the totals that the cell is in.
  static TotalKey Of(const CellKey& cell, TotalsBy by);
  std::string Encode() const;
  static bool Decode(std::string_view bytes, TotalKey* key);
  bool operator==(const TotalKey&) const = default;
};

// Where an amount of a cell (its slot with the month) is in the total: by years, the year takes the month's
// place.
constexpr uint32_t SlotInTotal(TotalsBy by, uint16_t year, uint32_t slot_of_month) {
  return by == TotalsBy::kMonth ? slot_of_month
                                : slot::InMonth(year % kYearsOfTotal, slot_of_month % slot::kCount);
}

// The first year that a question at the end of this month reads by months. Cells have what time alone will
// change up to the end of the year, so the year the month is in is, unless the month is its last.
constexpr int FirstYearByMonths(int last_month) {
  return (last_month + 1) / 12;
}

// All totals of one indicator and period with a year of [from, to] in them are the keys in [first, second).
std::pair<std::string, std::string> TotalRange(uint32_t indicator, ReferencePeriod period, TotalsBy by,
                                               int from, int to);

}  // namespace kpr
