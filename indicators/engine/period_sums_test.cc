// Period sums from cells by months, and from totals by years with the months of the last one, beside sums
// taken straight from what was added.
#include "indicators/engine/period_sums.h"

#include <gtest/gtest.h>

#include <random>

#include "base/calendar.h"
#include "indicators/cells/total.h"

namespace kpr {
namespace {

constexpr uint32_t kFlowSlot = slot::kInvited, kStockSlot = slot::kSubjects;

struct Amount {
  Date day;
  uint32_t slot = 0;
  int64_t amount = 0;
};

// Denominators in days, numerators as a stock; flow and levels in slots of their own.
IndicatorPlan TestPlan() {
  IndicatorPlan plan;
  plan.number = 1;
  for (const auto& [slot, sort] : {std::pair(slot::kDenominator, MeasuringType::kDays),
                                   std::pair(slot::kNumerator, MeasuringType::kStock)}) {
    ComponentPlan& c = plan.components.emplace_back();
    c.slot = slot;
    c.sort = sort;
  }
  return plan;
}

std::vector<Amount> RandomAmounts(std::mt19937_64* random) {
  std::vector<Amount> amounts;
  for (int i = 0; i < 60; ++i) {
    const auto below = [&](uint64_t n) { return static_cast<int>((*random)() % n); };
    const Date day = Date::FromYmd(2007 + below(15), 1 + below(12), 1 + below(28));
    const uint32_t slots[] = {slot::kDenominator, slot::kNumerator, kFlowSlot, kStockSlot};
    amounts.push_back({day, slots[below(4)], below(9) - 4});
  }
  return amounts;
}

int64_t Naive(const std::vector<Amount>& amounts, uint32_t slot, Date first, Date last) {
  int64_t sum = 0;
  for (const Amount& a : amounts) {
    if (a.slot != slot || a.day > last) continue;
    if (slot == slot::kDenominator) {
      sum += a.amount * (last.days - std::max(a.day, first).days + 1);
    } else if (slot != kFlowSlot || a.day >= first) {
      sum += a.amount;
    }
  }
  return sum;
}

// By year, as cells have them.
std::map<uint16_t, Slots> CellsOf(const std::vector<Amount>& amounts) {
  std::map<uint16_t, Slots> cells;
  for (const Amount& a : amounts) {
    Slots& cell = cells[static_cast<uint16_t>(a.day.year())];
    const auto month = static_cast<uint32_t>(MonthOf(a.day) % 12);
    cell[slot::InMonth(month, a.slot)] += a.amount;
    if (a.slot == slot::kDenominator) cell[slot::InMonth(month, slot::kDayWeighted)] += a.amount * a.day.days;
  }
  return cells;
}

std::map<uint16_t, Slots> TotalsByYears(const std::map<uint16_t, Slots>& cells) {
  std::map<uint16_t, Slots> totals;
  for (const auto& [year, cell] : cells) {
    CellKey key;
    key.year = year;
    for (const auto& [slot, amount] : cell)
      totals[TotalKey::Of(key, TotalsBy::kYear).year][SlotInTotal(TotalsBy::kYear, year, slot)] += amount;
  }
  return totals;
}

void ExpectNaive(PeriodSums* sums, const std::vector<Amount>& amounts, const PeriodRange& range) {
  int periods = 0;
  sums->ForEach([&](int ordinal, const Slots& slots) {
    ++periods;
    const Period period{range.kind, ordinal};
    const Date last = std::min(period.last(), MonthEnd(range.last_month));
    for (const uint32_t slot : {slot::kDenominator, slot::kNumerator, kFlowSlot, kStockSlot}) {
      const auto it = slots.find(slot);
      EXPECT_EQ(it == slots.end() ? 0 : it->second, Naive(amounts, slot, period.first(), last))
          << period.ToString() << " slot " << slot << " at " << MonthEnd(range.last_month).ToString();
    }
  });
  EXPECT_EQ(periods, range.size());
}

TEST(PeriodSums, AreTheSameFromMonthsAndFromYears) {
  const IndicatorPlan plan = TestPlan();
  std::mt19937_64 random(5);
  for (int round = 0; round < 40; ++round) {
    const std::vector<Amount> amounts = RandomAmounts(&random);
    const auto cells = CellsOf(amounts);
    for (const int last_month : {2019 * 12, 2019 * 12 + 5, 2019 * 12 + 11, 2020 * 12}) {
      for (const PeriodKind kind : {PeriodKind::kMonth, PeriodKind::kTertial, PeriodKind::kYear}) {
        const int last = Period::Containing(kind, MonthEnd(last_month)).ordinal;
        const PeriodRange range{kind, last - static_cast<int>(random() % 12), last, last_month};
        PeriodSums by_months(&plan, range), by_years(&plan, range);
        for (const auto& [year, cell] : cells) ASSERT_TRUE(by_months.Add(year, EncodeSlots(cell)));
        ExpectNaive(&by_months, amounts, range);

        const int until =
            kind == PeriodKind::kYear ? FirstYearByMonths(last_month) : range.from * MonthsIn(kind) / 12;
        for (const auto& [first, total] : TotalsByYears(cells))
          ASSERT_TRUE(by_years.AddYears(first, EncodeSlots(total), until));
        for (const auto& [year, cell] : cells) {
          ASSERT_TRUE(year < until || by_years.Add(year, EncodeSlots(cell)));
        }
        ExpectNaive(&by_years, amounts, range);
      }
    }
  }
}

TEST(PeriodSums, SayWhereBytesAreDamaged) {
  const IndicatorPlan plan = TestPlan();
  PeriodSums sums(&plan, {PeriodKind::kYear, 2019, 2020, 2020 * 12});
  EXPECT_FALSE(sums.Add(2019, "\x80"));
  EXPECT_FALSE(sums.AddYears(2010, "\x01", 2020));
}

}  // namespace
}  // namespace kpr
