// From stored cells to the versions of periods: adds up levels, flows and days as cell.h tells. Pure.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "indicators/engine/plan.h"

namespace kpr {

// Periods of one kind, as of the month `last_month`: later months are not counted, and a period that begins
// after it has nothing.
struct PeriodRange {
  PeriodKind kind = PeriodKind::kYear;
  int from = 0, to = 0;
  int last_month = 0;

  int size() const { return to - from + 1; }
};

// The versions of one place and stratum. Reused by Clear.
class PeriodSums {
 public:
  // `indicator` outlives it.
  PeriodSums(const IndicatorPlan* indicator, PeriodRange range);

  void Clear();
  // One cell's bytes, in any order of years. False where they are damaged.
  bool Add(int year, std::string_view encoded);
  // The same of a total by years, without `until` and what follows. No year of it is divided between periods
  // of the range.
  bool AddYears(int first_year, std::string_view encoded, int until);
  // f(ordinal, slots) for every period of the range; slots without zeros. Days are in slots 0 and 1.
  void ForEach(const std::function<void(int ordinal, const Slots&)>& f);

 private:
  struct SlotSums {
    uint32_t slot = 0;
    MeasuringType sort{};
    std::vector<int64_t> sums;  // one more than the periods: first what came before the range
  };

  int PeriodOf(int month) const { return month / months_; }
  void AddAmount(int month, uint32_t slot, int64_t amount);
  const SlotSums* Find(uint32_t slot) const;
  SlotSums& Row(uint32_t slot);

  const IndicatorPlan* indicator_;
  PeriodRange range_;
  int months_;
  std::vector<SlotSums> rows_;  // by slot
  size_t last_ = 0;             // the row of the last amount
};

// The periods in which an indicator keeps the cells of this kind of period.
std::vector<ReferencePeriod> ReferencePeriodsOf(const IndicatorPlan& indicator, PeriodKind kind);

}  // namespace kpr
