// Hours a week granted in services, of each person who has any.
#include "indicators/evaluation/stock.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  return CheckTypes(c.granted_hours().types());
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->types = CodesOf(c.granted_hours().types());
  plan->sums = true;
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const BitSet& who = evaluation->predicates().Of(c.where);
  if (who.empty()) return;
  const std::vector<int32_t> hours = evaluation->predicates().Hours(c.types);
  const std::vector<CellPlace>& places = evaluation->AttributionsOf(c);
  EmitStock(step, evaluation, [&](size_t i, Stock* stock) {
    if (!who.Has(i) || places[i].municipality_count == 0 || hours[i] == 0) return;
    stock->present = true;
    stock->amount = hours[i];
    stock->place = places[i];
  });
}

}  // namespace

extern const Measure kGrantedHours;
const Measure kGrantedHours = {
    .field = v1::Component::kGrantedHours,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kStock>,
    .mean = true,
    .placed_by_where = [](const v1::Component&) { return true; },
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe =
        [](const v1::Component& c) {
          return "hours a week granted in " + TypesText(c.granted_hours().types());
        },
    .facts = [](const v1::Component&) { return ServiceFactKinds(); },
};

}  // namespace kpr
