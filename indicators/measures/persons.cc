// Each person once: the measure of a component that names none.
#include "indicators/evaluation/stock.h"
#include "indicators/measures/measure.h"

namespace kpr {
namespace {

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const BitSet& who = evaluation->predicates().Of(c.where);
  if (who.empty()) return;
  const std::vector<CellPlace>& places = evaluation->AttributionsOf(c);
  evaluation->LookUpClasses(c);
  EmitStock(step, evaluation, [&](size_t i, Stock* stock) {
    if (!who.Has(i) || places[i].municipality_count == 0) return;
    stock->present = true;
    stock->amount = step.indicator->unit;
    stock->place = places[i];
    stock->classes = evaluation->ClassesAt(c, i);
  });
}

}  // namespace

extern const Measure kPersons;
const Measure kPersons = {
    .field = v1::Component::MEASURE_NOT_SET,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kStock>,
    .classes = true,
    .placed_by_where = [](const v1::Component&) { return true; },
    .evaluate = Evaluate,
    .describe = [](const v1::Component&) -> std::string { return "persons"; },
    .facts = [](const v1::Component&) { return std::set<FactKind>(); },
};

}  // namespace kpr
