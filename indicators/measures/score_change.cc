// How the mean function score changes from near the start of a service to some time after it.
#include <fmt/format.h>

#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"
#include "registry/facts/assessment_facts.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  const auto& s = c.score_change();
  if (s.near_days() >= s.from_days() || s.from_days() > s.to_days() || s.to_days() > 3660)
    return "near_days < from_days <= to_days <= 3660";
  return CheckTypes(s.types());
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->types = CodesOf(c.score_change().types());
  plan->near_days = static_cast<int>(c.score_change().near_days());
  plan->from_days = static_cast<int>(c.score_change().from_days());
  plan->to_days = static_cast<int>(c.score_change().to_days());
}

const Fact* FirstScoreBetween(Date from, Date to, const SubjectState& state) {
  for (const Fact& fact : state.effective) {
    if (fact.occurred_on > to) break;
    if (fact.kind == FactKind::kFunctionAssessment && fact.occurred_on >= from &&
        FunctionAssessmentFact{fact}.mean_score() >= 0)
      return &fact;
  }
  return nullptr;
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const SubjectState& state = evaluation->state();
  for (const Spell& spell : state.spells) {
    if (!c.types.Has(spell.type)) continue;
    const Fact* start = FirstScoreBetween(spell.start - c.near_days, spell.start + c.near_days, state);
    const Fact* later = FirstScoreBetween(spell.start + c.from_days, spell.start + c.to_days, state);
    if (start == nullptr || later == nullptr) continue;
    const Date day = later->occurred_on;
    if (!evaluation->InRange(day) || day > LastDay(spell, state) || evaluation->Excluded(day)) continue;
    const int64_t thousandths =
        int64_t{FunctionAssessmentFact{*later}.mean_score() - FunctionAssessmentFact{*start}.mean_score()} *
        10;
    const CellKey key =
        evaluation->KeyOf(step, CellPlace::At(spell.municipality, spell.ProviderOn(day)), day);
    evaluation->Emit(key, MonthOf(day), c.slot, 1);
    evaluation->Emit(key, MonthOf(day), slot::kSum, thousandths);
    evaluation->Emit(key, MonthOf(day), slot::kSumSquares, thousandths * thousandths);
  }
}

std::string Describe(const v1::Component& c) {
  const auto& s = c.score_change();
  return fmt::format(
      "change of the mean function score from within {} days of the start of {} to {}-{} days after",
      s.near_days(), TypesText(s.types()), s.from_days(), s.to_days());
}

}  // namespace

extern const Measure kScoreChange;
const Measure kScoreChange = {
    .field = v1::Component::kScoreChange,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kFlow>,
    .repeats = true,
    .mean = true,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe = Describe,
    .facts =
        [](const v1::Component&) {
          auto facts = ServiceFactKinds();
          facts.insert(FactKind::kFunctionAssessment);
          return facts;
        },
};

}  // namespace kpr
