#include "indicators/engine/period_sums.h"

#include <algorithm>

#include "base/calendar.h"

namespace kpr {

PeriodSums::PeriodSums(const IndicatorPlan* indicator, PeriodRange range)
    : indicator_(indicator), range_(range), months_(MonthsIn(range.kind)) {}

void PeriodSums::Clear() {
  for (SlotSums& row : rows_) std::fill(row.sums.begin(), row.sums.end(), 0);
}

const PeriodSums::SlotSums* PeriodSums::Find(uint32_t slot) const {
  const auto it = std::lower_bound(rows_.begin(), rows_.end(), slot,
                                   [](const SlotSums& row, uint32_t wanted) { return row.slot < wanted; });
  return it != rows_.end() && it->slot == slot ? &*it : nullptr;
}

PeriodSums::SlotSums& PeriodSums::Row(uint32_t slot) {
  // Amounts come by rising slots, month after month.
  if (++last_ >= rows_.size()) last_ = 0;
  if (last_ < rows_.size() && rows_[last_].slot == slot) return rows_[last_];
  const auto it = std::lower_bound(rows_.begin(), rows_.end(), slot,
                                   [](const SlotSums& row, uint32_t wanted) { return row.slot < wanted; });
  last_ = static_cast<size_t>(it - rows_.begin());
  if (it != rows_.end() && it->slot == slot) return *it;
  return *rows_.insert(it, {slot, indicator_->MeasuringTypeOf(slot),
                            std::vector<int64_t>(static_cast<size_t>(range_.size()) + 1)});
}

void PeriodSums::AddAmount(int month, uint32_t slot, int64_t amount) {
  const int period = PeriodOf(month);
  if (period > range_.to) return;
  if (period >= range_.from) {
    Row(slot).sums[static_cast<size_t>(period - range_.from) + 1] += amount;
  } else if (indicator_->MeasuringTypeOf(slot) != MeasuringType::kFlow) {
    Row(slot).sums[0] += amount;
  }
}

bool PeriodSums::Add(int year, std::string_view encoded) {
  return ForEachSlot(encoded, [&](uint32_t slot_of_month, int64_t amount) {
    const int month = year * 12 + static_cast<int>(slot_of_month / slot::kCount);
    if (month <= range_.last_month) AddAmount(month, slot_of_month % slot::kCount, amount);
  });
}

bool PeriodSums::AddYears(int first_year, std::string_view encoded, int until) {
  return ForEachSlot(encoded, [&](uint32_t slot_of_year, int64_t amount) {
    const int year = first_year + static_cast<int>(slot_of_year / slot::kCount);
    if (year < until) AddAmount(year * 12, slot_of_year % slot::kCount, amount);
  });
}

void PeriodSums::ForEach(const std::function<void(int, const Slots&)>& f) {
  // A stay within one month turns up and down in it: only the days of its turns are left.
  for (const uint32_t role : {slot::kDenominator, slot::kNumerator}) {
    if (Find(slot::kDayWeighted + role) != nullptr) Row(role);
  }
  // Stocks and change points of person-days become running sums.
  for (SlotSums& row : rows_) {
    if (row.sort == MeasuringType::kFlow) continue;
    for (size_t i = 1; i < row.sums.size(); ++i) row.sums[i] += row.sums[i - 1];
  }
  const auto days_until = [&](const SlotSums& row, size_t i, Date end) -> int64_t {
    const SlotSums* weighted = Find(row.slot + slot::kDayWeighted);
    return weighted == nullptr ? 0 : int64_t{end.days + 1} * row.sums[i] - weighted->sums[i];
  };
  Slots slots;
  for (int ordinal = range_.from; ordinal <= range_.to; ++ordinal) {
    slots.clear();
    const int first = ordinal * months_, last = std::min(first + months_ - 1, range_.last_month);
    const auto i = static_cast<size_t>(ordinal - range_.from) + 1;
    for (const SlotSums& row : rows_) {
      if (first > last) break;
      if (row.slot == slot::kDayWeighted || row.slot == slot::kDayWeighted + 1) continue;
      const int64_t amount =
          row.sort == MeasuringType::kDays
              ? days_until(row, i, MonthEnd(last)) - days_until(row, i - 1, MonthEnd(first - 1))
              : row.sums[i];
      if (amount != 0) slots.emplace_hint(slots.end(), row.slot, amount);
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
