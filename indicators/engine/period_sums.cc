#include "indicators/engine/period_sums.h"

#include <algorithm>

#include "base/calendar.h"

namespace kpr {
PeriodSums::PeriodSums(const IndicatorPlan* indicator, PeriodRange range)
    : indicator_(indicator), range_(range), months_(MonthsIn(range.kind)) {}

void PeriodSums::Clear() {
  for (auto& [slot, row] : rows_) std::fill(row.begin(), row.end(), 0);
}

std::vector<int64_t>& PeriodSums::Row(uint32_t slot) {
  std::vector<int64_t>& row = rows_[slot];
  if (row.empty()) row.resize(static_cast<size_t>(range_.size()) + 1);
  return row;
}

bool PeriodSums::Add(int year, std::string_view encoded) {
  return ForEachSlot(encoded, [&](uint32_t slot_of_month, int64_t amount) {
    const int month = year * 12 + static_cast<int>(slot_of_month / slot::kCount);
    const uint32_t slot = slot_of_month % slot::kCount;
    const int period = PeriodOf(month);
    if (month > range_.last_month || period > range_.to) return;
    if (period < range_.from) {
      if (indicator_->MeasuringTypeOf(slot) != MeasuringType::kFlow) Row(slot)[0] += amount;
    } else {
      Row(slot)[static_cast<size_t>(period - range_.from) + 1] += amount;
    }
  });
}

void PeriodSums::ForEach(const std::function<void(int, const Slots&)>& f) {
  // A stay within one month turns up and down in it: only the days of its turns are left.
  for (const uint32_t role : {slot::kDenominator, slot::kNumerator}) {
    if (rows_.contains(slot::kDayWeighted + role)) Row(role);
  }
  // Stocks and change points of person-days become running sums.
  for (auto& [slot, row] : rows_) {
    if (indicator_->MeasuringTypeOf(slot) == MeasuringType::kFlow) continue;
    for (size_t i = 1; i < row.size(); ++i) row[i] += row[i - 1];
  }
  const auto days_until = [&](uint32_t slot, size_t i, Date end) -> int64_t {
    const auto a = rows_.find(slot), b = rows_.find(slot + slot::kDayWeighted);
    if (a == rows_.end() || b == rows_.end()) return 0;
    return int64_t{end.days + 1} * a->second[i] - b->second[i];
  };
  Slots slots;
  for (int ordinal = range_.from; ordinal <= range_.to; ++ordinal) {
    slots.clear();
    const int first = ordinal * months_, last = std::min(first + months_ - 1, range_.last_month);
    const auto i = static_cast<size_t>(ordinal - range_.from) + 1;
    if (first <= last) {
      for (const auto& [slot, row] : rows_) {
        const MeasuringType sort = indicator_->MeasuringTypeOf(slot);
        if (slot == slot::kDayWeighted || slot == slot::kDayWeighted + 1) continue;
        const int64_t amount = sort == MeasuringType::kDays ? days_until(slot, i, MonthEnd(last)) -
                                                                  days_until(slot, i - 1, MonthEnd(first - 1))
                                                            : row[i];
        if (amount != 0) slots[slot] = amount;
      }
    }
    f(ordinal, slots);
  }
}

std::vector<ReferencePeriod> ReferencePeriodsOf(const IndicatorPlan& indicator, PeriodKind kind) {
  std::vector<ReferencePeriod> periods;
  for (const ComponentPlan& c : indicator.components) {
    const bool whole = c.whole_period && c.sort == MeasuringType::kStock;
    const ReferencePeriod period = whole ? static_cast<ReferencePeriod>(kind) : ReferencePeriod::kLastDay;
    if (std::find(periods.begin(), periods.end(), period) == periods.end()) periods.push_back(period);
    const auto own = static_cast<ReferencePeriod>(kind);
    const bool of_own = c.counts_subjects && c.SubjectsByPeriod();
    if (of_own && std::find(periods.begin(), periods.end(), own) == periods.end()) periods.push_back(own);
  }
  return periods;
}

}  // namespace kpr
