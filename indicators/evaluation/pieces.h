// A subject's time cut into pieces of one place: stays, and reports that hold until the next. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "indicators/evaluation/evaluation.h"
#include "registry/facts/report_facts.h"

namespace kpr {

// f(place, begin, end) for the days [begin, end) of stays. Cuts the person's time wherever the stay, its
// provider or the age band changes; each piece belongs to the stay that began last.
template <typename F>
void ForEachStayPiece(const ComponentPlan& c, const Evaluation& evaluation, F f) {
  const SubjectState& state = evaluation.state();
  const auto leaves = [&](const Spell& spell) { return std::min(spell.end, state.death); };
  std::vector<Date> cuts;
  for (const Spell& spell : state.spells) {
    if (!c.types.Has(spell.type)) continue;
    cuts.push_back(spell.start);
    cuts.push_back(leaves(spell));
    for (const ProviderFrom& change : spell.providers) cuts.push_back(change.from);
  }
  if (cuts.empty()) return;
  if (state.birth.days != kUnknownDay) {
    for (const int age : kAgeBandStarts) cuts.push_back(Birthday(state.birth, age));
  }
  for (const int year : evaluation.excluded_years()) {
    cuts.push_back(Date::FromYmd(year, 1, 1));
    cuts.push_back(Date::FromYmd(year + 1, 1, 1));
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const Spell* stay = nullptr;
    for (const Spell& spell : state.spells) {
      if (!c.types.Has(spell.type) || cuts[i] < spell.start || cuts[i] >= leaves(spell)) continue;
      if (stay == nullptr || spell.BeganAfter(*stay)) stay = &spell;
    }
    if (stay == nullptr || evaluation.Excluded(cuts[i])) continue;
    f(CellPlace::At(stay->municipality, stay->ProviderOn(cuts[i])), cuts[i], cuts[i + 1]);
  }
}

// f(spell, active) for each stay that is observed on the grid and whose person passes; `active` holds where.
template <typename F>
void ForEachObservedStay(const ComponentPlan& c, Evaluation* evaluation, F f) {
  BitSet active;
  for (const Spell& spell : evaluation->state().spells) {
    if (!c.types.Has(spell.type)) continue;
    active.Reset(evaluation->grid().size(), false);
    evaluation->predicates().AddActive(spell, false, &active);
    active.And(evaluation->predicates().Of(c.where));
    if (!active.empty()) f(spell, std::as_const(active));
  }
}

// Where a stay is on an observation.
inline CellPlace PlaceOf(const Spell& stay, size_t observation, const Evaluation& evaluation) {
  const Date day = std::min(evaluation.grid()[observation].day, LastDay(stay, evaluation.state()));
  return CellPlace::At(stay.municipality, stay.ProviderOn(day));
}

// What the reports of a kind state up to one of them: each value as the latest that states it.
class StatedValues {
 public:
  void Take(const Fact& report) {
    for (int i = 0; i < report.value_count && i < kReportValues; ++i) {
      if (report.value(i) != kNotStated) values_[static_cast<size_t>(i)] = report.value(i);
    }
  }
  int32_t value(int i) const { return values_[static_cast<size_t>(i)]; }  // 0: never stated

 private:
  std::array<int32_t, kReportValues> values_{};
};

// f(report, stated, begin, end) for each report of the kind, which holds on the days [begin, end).
template <typename F>
void ForEachReport(FactKind kind, const Evaluation& evaluation, F f) {
  const Fact* report = nullptr;
  StatedValues stated;
  const auto until = [&](Date day) {
    if (report != nullptr)
      f(*report, std::as_const(stated), report->occurred_on, std::min(day, evaluation.ReportUntil(*report)));
  };
  for (const Fact& fact : evaluation.state().effective) {
    if (fact.kind != kind) continue;
    until(fact.occurred_on);
    report = &fact;
    stated.Take(fact);
  }
  until(kNoEnd);
}

// The report of the kind that holds at the observation's end, and what is stated until then; none: null.
inline const Fact* ReportOn(FactKind kind, Date day, const Evaluation& evaluation, StatedValues* stated) {
  const Fact* latest = nullptr;
  for (const Fact& fact : evaluation.state().effective) {
    if (fact.occurred_on > day) break;
    if (fact.kind != kind) continue;
    latest = &fact;
    stated->Take(fact);
  }
  return latest != nullptr && day < evaluation.ReportUntil(*latest) ? latest : nullptr;
}

}  // namespace kpr
