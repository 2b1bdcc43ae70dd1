// Stays, each once: active on the last day, or on any day of the period.
#include "indicators/evaluation/pieces.h"
#include "indicators/evaluation/stock.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  return CheckTypes(c.stays().types());
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->types = CodesOf(c.stays().types());
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  ForEachObservedStay(*step.component, evaluation, [&](const Spell& stay, const BitSet& active) {
    EmitStock(step, evaluation, [&](size_t i, Stock* stock) {
      if (!active.Has(i)) return;
      stock->present = true;
      stock->amount = step.indicator->unit;
      stock->place = PlaceOf(stay, i, *evaluation);
    });
  });
}

void PresencesOnGrid(const PlanStep& step, Evaluation* evaluation, std::vector<PresenceOnGrid>* presences) {
  const ComponentPlan& c = *step.component;
  const ObservationGrid& grid = evaluation->grid();
  ForEachObservedStay(c, evaluation, [&](const Spell& stay, const BitSet& active) {
    for (size_t i = 0; i < grid.size(); ++i) {
      if (!active.Has(i) || evaluation->Excluded(grid[i].day)) continue;
      const CellPlace place = PlaceOf(stay, i, *evaluation);
      const uint8_t age = evaluation->BandAt(i);
      PresenceOnGrid* before = presences->empty() ? nullptr : &presences->back();
      if (before != nullptr && before->end == i && before->place == place && before->age == age) {
        ++before->end;
      } else {
        presences->push_back({i, i + 1, place, age, c.slot});
      }
    }
  });
}

}  // namespace

extern const Measure kStays;
const Measure kStays = {
    .field = v1::Component::kStays,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kStock>,
    .repeats = true,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .presences_on_grid = PresencesOnGrid,
    .describe = [](const v1::Component& c) { return "stays of " + TypesText(c.stays().types()); },
    .facts = [](const v1::Component&) { return ServiceFactKinds(); },
};

}  // namespace kpr
