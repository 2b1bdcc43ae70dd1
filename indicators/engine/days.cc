// Days: stays and reported amounts over time, told by their turning points.
#include <algorithm>

#include "indicators/engine/evaluate.h"

namespace kpr {

// `amount` on each of the days [begin, end) from `from_` on.
void Evaluator::EmitStretch(const PlanPart& part, const CellPlace& place, Date begin, Date end,
                            int64_t amount) {
  if (!advancing_) begin = std::max(begin, from_);
  if (begin >= end || amount == 0) return;
  const CellKey key = KeyOf(part, place, begin);
  EmitDay(key, begin, part.component->slot, amount);
  if (end < kNoEnd) EmitDay(key, end, part.component->slot, -amount);
}

// Cuts the person's time wherever the stay, its provider or the age band changes; each piece belongs to the
// stay that began last.
void Evaluator::StayDayTurns(const PlanPart& part) {
  const ComponentPlan& c = *part.component;
  const auto leaves = [&](const Spell& spell) { return std::min(spell.end, history_->death); };
  std::vector<Date> cuts;
  for (const Spell& spell : history_->spells) {
    if ((c.types >> spell.type & 1) == 0) continue;
    cuts.push_back(spell.start);
    cuts.push_back(leaves(spell));
    for (const ProviderFrom& change : spell.providers) cuts.push_back(change.from);
  }
  if (cuts.empty()) return;
  if (history_->birth.days != kUnknownDay) {
    for (const int age : kAgeBandStarts) cuts.push_back(Birthday(history_->birth, age));
  }
  for (const int year : excluded_) {
    cuts.push_back(Date::FromYmd(year, 1, 1));
    cuts.push_back(Date::FromYmd(year + 1, 1, 1));
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const Spell* stay = nullptr;
    for (const Spell& spell : history_->spells) {
      if ((c.types >> spell.type & 1) == 0 || cuts[i] < spell.start || cuts[i] >= leaves(spell)) continue;
      const bool later = stay == nullptr || spell.start > stay->start ||
                         (spell.start == stay->start && spell.start_event > stay->start_event);
      if (later) stay = &spell;
    }
    if (stay == nullptr || Excluded(cuts[i])) continue;
    EmitStretch(part, CellPlace::At(stay->municipality, stay->ProviderOn(cuts[i])), cuts[i], cuts[i + 1],
                part.indicator->unit);
  }
}

void Evaluator::ReportDayTurns(const PlanPart& part) {
  const Fact* report = nullptr;
  const auto until = [&](Date day) {
    if (report == nullptr) return;
    EmitStretch(part, CellPlace::At(report->municipality, report->provider), report->occurred_on,
                std::min(day, ReportUntil(*report)), ReportedAmount(*part.component, *report));
  };
  for (const Fact& fact : history_->effective) {
    if (fact.kind != part.component->fact.kind) continue;
    until(fact.occurred_on);
    report = &fact;
  }
  until(kNoEnd);
}

}  // namespace kpr
