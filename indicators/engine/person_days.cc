// Days: stays and reported amounts over time, emitted_before by their turning points.
#include <algorithm>

#include "indicators/engine/evaluate.h"

namespace kpr {

// `amount` on each of the days [begin, end) from `from_` on.
void Evaluator::EmitDays(const PlanStep& step, const CellPlace& place, Date begin, Date end, int64_t amount) {
  if (!advancing_) begin = std::max(begin, from_);
  if (begin >= end || amount == 0) return;
  const CellKey key = KeyOf(step, place, begin);
  EmitDay(key, begin, step.component->slot, amount);
  if (end < kNoEnd) EmitDay(key, end, step.component->slot, -amount);
}

// Cuts the person's time wherever the stay, its provider or the age band changes; each piece belongs to the
// stay that began last.
void Evaluator::StayDays(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  const auto leaves = [&](const Spell& spell) { return std::min(spell.end, state_->death); };
  std::vector<Date> cuts;
  for (const Spell& spell : state_->spells) {
    if ((c.types >> spell.type & 1) == 0) continue;
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
      if ((c.types >> spell.type & 1) == 0 || cuts[i] < spell.start || cuts[i] >= leaves(spell)) continue;
      const bool later = stay == nullptr || spell.start > stay->start ||
                         (spell.start == stay->start && spell.start_event > stay->start_event);
      if (later) stay = &spell;
    }
    if (stay == nullptr || Excluded(cuts[i])) continue;
    EmitDays(step, CellPlace::At(stay->municipality, stay->ProviderOn(cuts[i])), cuts[i], cuts[i + 1],
             step.indicator->unit);
  }
}

void Evaluator::ReportedDays(const PlanStep& step) {
  const Fact* report = nullptr;
  const auto until = [&](Date day) {
    if (report == nullptr) return;
    EmitDays(step, CellPlace::At(report->municipality, report->provider), report->occurred_on,
             std::min(day, ReportUntil(*report)), ReportedAmount(*step.component, *report));
  };
  for (const Fact& fact : state_->effective) {
    if (fact.kind != step.component->fact.kind) continue;
    until(fact.occurred_on);
    report = &fact;
  }
  until(kNoEnd);
}

}  // namespace kpr
