// A subject's time cut into pieces of one place. Used by the engine alone.
#pragma once

#include <algorithm>
#include <vector>

#include "indicators/engine/evaluate.h"

namespace kpr {

// f(place, begin, end) for the days [begin, end) of stays. Cuts the person's time wherever the stay, its
// provider or the age band changes; each piece belongs to the stay that began last.
template <typename F>
void Evaluator::ForEachStayPiece(const ComponentPlan& c, F f) {
  const auto leaves = [&](const Spell& spell) { return std::min(spell.end, state_->death); };
  std::vector<Date> cuts;
  for (const Spell& spell : state_->spells) {
    if (!c.types.Has(spell.type)) continue;
    cuts.push_back(spell.start);
    cuts.push_back(leaves(spell));
    for (const ProviderFrom& change : spell.providers) cuts.push_back(change.from);
  }
  if (cuts.empty()) return;
  if (state_->birth.days != kUnknownDay) {
    for (const int age : kAgeBandStarts) cuts.push_back(Birthday(state_->birth, age));
  }
  for (const int year : excluded_) {
    cuts.push_back(Date::FromYmd(year, 1, 1));
    cuts.push_back(Date::FromYmd(year + 1, 1, 1));
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const Spell* stay = nullptr;
    for (const Spell& spell : state_->spells) {
      if (!c.types.Has(spell.type) || cuts[i] < spell.start || cuts[i] >= leaves(spell)) continue;
      const bool later = stay == nullptr || spell.start > stay->start ||
                         (spell.start == stay->start && spell.start_event > stay->start_event);
      if (later) stay = &spell;
    }
    if (stay == nullptr || Excluded(cuts[i])) continue;
    f(CellPlace::At(stay->municipality, stay->ProviderOn(cuts[i])), cuts[i], cuts[i + 1]);
  }
}

// f(spell, last) for each stay that is observed on the grid and whose person passes; active_ holds where.
template <typename F>
void Evaluator::ForEachObservedStay(const ComponentPlan& c, F f) {
  for (const Spell& spell : state_->spells) {
    if (!c.types.Has(spell.type)) continue;
    active_.Reset(grid_.size(), false);
    predicates_.AddActive(spell, false, &active_);
    active_.And(predicates_.Of(c.where));
    if (!active_.empty()) f(spell, LastDay(spell, *state_));
  }
}

// f(place, begin, end, amount) for each report, which holds on the days [begin, end).
template <typename F>
void Evaluator::ForEachReport(const ComponentPlan& c, F f) {
  const Fact* report = nullptr;
  const auto until = [&](Date day) {
    if (report == nullptr) return;
    f(CellPlace::At(report->municipality, report->provider), report->occurred_on,
      std::min(day, ReportUntil(*report)), ReportedAmount(c, *report));
  };
  for (const Fact& fact : state_->effective) {
    if (fact.kind != c.fact.kind) continue;
    until(fact.occurred_on);
    report = &fact;
  }
  until(kNoEnd);
}

}  // namespace kpr
