// Days from the grant of a place to the first day of the stay, for each stay.
#include "indicators/measures/days_taken.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"
#include "registry/facts/place_facts.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  return CheckTypes(c.waiting_time().types());
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->types = CodesOf(c.waiting_time().types());
}

// The latest after `after`, not declined, not after the stay's first day; none: null.
const Fact* GrantOf(const Spell& stay, Date after, const ComponentPlan& c, const SubjectState& state) {
  const Fact* grant = nullptr;
  for (const Fact& fact : state.effective) {
    if (fact.occurred_on > stay.start) break;
    if (fact.kind != FactKind::kPlaceGranted || !c.types.Has(PlaceFact{fact}.service_type())) continue;
    if (fact.occurred_on > after && !DeclinedBy(state, PlaceFact{fact}.application(), stay.start))
      grant = &fact;
  }
  return grant;
}

void EmitWait(const PlanStep& step, const Spell& stay, int days, Evaluation* evaluation) {
  const CellPlace place = CellPlace::At(stay.municipality, stay.providers.front().provider);
  EmitDaysTaken(step, evaluation->KeyOf(step, place, stay.start), MonthOf(stay.start), days, evaluation);
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const SubjectState& state = evaluation->state();
  Date stay_before = kFirstDate;
  for (const Spell& stay : state.spells) {  // by start
    if (!c.types.Has(stay.type) || stay.start > state.death) continue;
    const Date after = stay_before;
    stay_before = stay.start;
    if (!evaluation->InRange(stay.start) || evaluation->Excluded(stay.start)) continue;
    if (const Fact* grant = GrantOf(stay, after, c, state); grant != nullptr)
      EmitWait(step, stay, stay.start - grant->occurred_on, evaluation);
  }
}

}  // namespace

extern const Measure kWaitingTime;
const Measure kWaitingTime = {
    .field = v1::Component::kWaitingTime,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kFlow>,
    .classes = true,
    .repeats = true,
    .days = true,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe =
        [](const v1::Component& c) {
          return "waiting times from grant to stay of " + TypesText(c.waiting_time().types());
        },
    .facts =
        [](const v1::Component&) {
          auto facts = ServiceFactKinds();
          facts.insert({FactKind::kPlaceGranted, FactKind::kPlaceDeclined});
          return facts;
        },
};

}  // namespace kpr
