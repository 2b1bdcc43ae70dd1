// From stored cells to the versions of periods: adds up levels, flows and days as cell.h tells. Pure.
#pragma once

#include <functional>
#include <map>
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
  // f(ordinal, slots) for every period of the range; slots without zeros. Days are in slots 0 and 1.
  void ForEach(const std::function<void(int ordinal, const Slots&)>& f);

 private:
  int PeriodOf(int month) const { return month / months_; }
  std::vector<int64_t>& Row(uint32_t slot);

  const IndicatorPlan* indicator_;
  PeriodRange range_;
  int months_;
  // Per slot a row of one more than the periods: first what came before the range.
  std::map<uint32_t, std::vector<int64_t>> rows_;
};

// The periods in which an indicator keeps the cells of this kind of period.
std::vector<ReferencePeriod> ReferencePeriodsOf(const IndicatorPlan& indicator, PeriodKind kind);

}  // namespace kpr
