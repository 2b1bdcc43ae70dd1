#include "extracts/rows/indicator_rows.h"

#include <algorithm>
#include <map>

#include "base/calendar.h"
#include "extracts/variables/indicator_tables.h"

namespace kpr::extract {
namespace {

// Those that lie in it whole; none: an empty range.
PeriodRange WholePeriods(PeriodKind kind, Date first, Date last) {
  PeriodRange range{kind, Period::Containing(kind, first).ordinal, Period::Containing(kind, last).ordinal,
                    MonthOf(last)};
  if (Period{kind, range.from}.first() < first) ++range.from;
  if (Period{kind, range.to}.last() > last) --range.to;
  range.to = std::max(range.to, range.from - 1);
  return range;
}

int64_t At(const Slots& slots, uint32_t slot) {
  const auto it = slots.find(slot);
  return it == slots.end() ? 0 : it->second;
}

uint32_t ClassSlot(int place) {
  return slot::kClassBase + static_cast<uint32_t>(place);
}

int NumeratorPlace(const v1::Component& component) {
  int place = 0;
  while (component.classes(place).id() != component.numerator_class()) ++place;
  return place;
}

int64_t SumOfDays(const Slots& slots) {
  int64_t sum = 0;
  for (auto it = slots.lower_bound(slot::kHistogramBase); it != slots.lower_bound(slot::kSubjects); ++it)
    sum += it->second * static_cast<int64_t>(it->first - slot::kHistogramBase);
  return sum;
}

}  // namespace

Result<std::unique_ptr<IndicatorRows>> IndicatorRows::Create(const Table* table, const Population* frame) {
  Catalogue catalogue;
  catalogue.definitions.push_back(*table->definition);
  KPR_ASSIGN_OR_RETURN(Plan plan, Compile(std::move(catalogue)));
  const PeriodRange range = WholePeriods(ShortestPeriod(*table->definition), frame->first(), frame->last());
  return std::unique_ptr<IndicatorRows>(new IndicatorRows(table, frame, std::move(plan), range));
}

IndicatorRows::IndicatorRows(const Table* table, const Population* frame, Plan plan, PeriodRange range)
    : definition_(*table->definition),
      geography_(frame->geography()),
      last_(frame->last()),
      plan_(std::move(plan)),
      evaluator_(&plan_),
      sums_(plan_.indicators.data(), range) {}

void IndicatorRows::ForEach(const SubjectState& state, const std::function<void(const IndicatorRow&)>& f) {
  contributions_.clear();
  evaluator_.Evaluate(state, kFirstDate, last_, &contributions_);
  const auto kinds = ReferencePeriodsOf(plan_.indicators[0], ShortestPeriod(definition_));
  std::map<std::pair<CellPlace, int>, Slots> cells;
  for (const Contribution& c : contributions_) {
    if (c.key.indicator != plan_.indicators[0].number) continue;
    if (std::find(kinds.begin(), kinds.end(), c.key.period) == kinds.end()) continue;
    CellPlace place = c.key.place;
    place.provider = 0;
    cells[{place, c.key.year}][c.slot] += c.amount;
  }
  for (auto it = cells.begin(); it != cells.end();) {
    sums_.Clear();
    const CellPlace place = it->first.first;
    for (; it != cells.end() && it->first.first == place; ++it)
      sums_.Add(it->first.second, EncodeSlots(it->second));
    ForEachAt(place, f);
  }
}

void IndicatorRows::ForEachAt(const CellPlace& place, const std::function<void(const IndicatorRow&)>& f) {
  sums_.ForEach([&](int ordinal, const Slots& slots) {
    const bool counts = std::any_of(slots.begin(), slots.end(), [](const auto& slot) {
      return slot.first < slot::kSubjects && slot.second != 0;
    });
    if (!counts) return;
    for (size_t i = 0; i < place.municipality_count; ++i) {
      const Municipality municipality{place.municipalities[i]};
      if (geography_.Covers(municipality))
        f({Period{ShortestPeriod(definition_), ordinal}.first(), municipality, &slots});
    }
  });
}

int64_t IndicatorRows::ValueOf(const IndicatorRow& row, const Variable& variable) const {
  const Slots& slots = *row.slots;
  const int64_t unit = plan_.indicators[0].unit;
  if (variable.origin == Origin::kDenominator) return At(slots, slot::kDenominator) / unit;
  if (variable.origin == Origin::kClass) return At(slots, ClassSlot(variable.place));
  if (definition_.kind() == v1::KIND_PROPORTION)
    return At(slots, ClassSlot(NumeratorPlace(definition_.components(0))));
  // Kept in thousandths; what is averaged has two decimals.
  if (definition_.kind() == v1::KIND_MEAN) return At(slots, slot::kSum) / 10;
  if (definition_.kind() == v1::KIND_MEDIAN_DAYS) return SumOfDays(slots);
  return At(slots, slot::kNumerator) / unit;
}

}  // namespace kpr::extract
