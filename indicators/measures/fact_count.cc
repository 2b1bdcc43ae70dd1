// Facts of a kind, each observed on its own day.
#include "indicators/evaluation/fact_field.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/words.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  if (FindFact(c.fact_count().fact()) == nullptr) return "a fact in fact_count";
  if (c.attribution() == v1::ATTRIBUTION_EVERY) return "attribution LATEST for fact_count";
  return "";
}

bool IsDeath(const v1::Component& c) {
  return c.fact_count().fact() == v1::FACT_TYPE_DEATH;
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  const NamedFact& named = *FindFact(c.fact_count().fact());
  plan->fact.kind = named.kind;
  plan->fact.code = named.code;
  if (IsDeath(c)) plan->counts_subjects = false;  // a person dies once
}

struct Counted {
  std::vector<Date> days;
  std::vector<Municipality> municipalities;
};

Counted FactsInRange(const ComponentPlan& c, const Evaluation& evaluation) {
  Counted counted;
  if (c.fact.kind == FactKind::kPersonDetails) {
    if (evaluation.InRange(evaluation.state().death))
      counted = {{evaluation.state().death}, {Municipality()}};
    return counted;
  }
  for (const Fact& fact : evaluation.state().effective) {
    if (!evaluation.InRange(fact.occurred_on) || !c.fact.IsOfKind(fact) || !c.fact.PassesTest(fact)) continue;
    counted.days.push_back(fact.occurred_on);
    counted.municipalities.push_back(fact.municipality);
  }
  return counted;
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const auto [days, municipalities] = FactsInRange(c, *evaluation);
  if (days.empty()) return;
  evaluation->UseDays(days);
  const BitSet& who = evaluation->predicates().Of(c.where);
  evaluation->LookUpClasses(c);
  const bool served = !c.serving_types.empty();
  for (size_t i = 0; i < days.size(); ++i) {
    if (!who.Has(i) || evaluation->Excluded(days[i])) continue;
    const CellPlace place = served ? evaluation->AttributionsOf(c)[i] : CellPlace::At(municipalities[i], {});
    if (place.municipality_count == 0 || place.municipalities[0] == 0) continue;
    const CellKey key = evaluation->KeyOf(step, place, days[i]);
    const int month = MonthOf(days[i]);
    evaluation->Emit(key, month, c.slot, step.indicator->unit);
    const uint32_t classes = evaluation->ClassesAt(c, i);
    for (uint32_t k = 0; classes >> k != 0; ++k) {
      if ((classes >> k & 1) != 0) evaluation->Emit(key, month, slot::kClassBase + k, 1);
    }
  }
}

std::string Describe(const v1::Component& c) {
  return "each " + Words(v1::FactType_Name(c.fact_count().fact()), "FACT_TYPE_");
}

}  // namespace

extern const Measure kFactCount;
const Measure kFactCount = {
    .field = v1::Component::kFactCount,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kFlow>,
    .classes = true,
    .repeats = true,
    .placed_by_where = IsDeath,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe = Describe,
    .facts = [](const v1::Component& c) { return std::set{FindFact(c.fact_count().fact())->kind}; },
};

}  // namespace kpr
