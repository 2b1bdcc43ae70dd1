// Days of stay, each once for a person, however many services are active on it.
#include "indicators/evaluation/pieces.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  return CheckTypes(c.stay_days().types());
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->types = CodesOf(c.stay_days().types());
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  ForEachStayPiece(*step.component, *evaluation, [&](const CellPlace& place, Date begin, Date end) {
    evaluation->EmitDays(step, place, begin, end, step.indicator->unit);
  });
}

void Presences(const PlanStep& step, const Evaluation& evaluation, std::vector<Presence>* presences) {
  ForEachStayPiece(*step.component, evaluation, [&](const CellPlace& place, Date begin, Date end) {
    if (begin >= end) return;
    const int last = end >= kNoEnd ? kNoLastMonth : MonthOf(end - 1);
    presences->push_back(
        {MonthOf(begin), last, place, evaluation.KeyOf(step, place, begin).age, step.component->slot});
  });
}

}  // namespace

extern const Measure kStayDays;
const Measure kStayDays = {
    .field = v1::Component::kStayDays,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kDays>,
    .where = false,
    .repeats = true,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .presences = Presences,
    .describe = [](const v1::Component& c) { return "days of stay of " + TypesText(c.stay_days().types()); },
    .facts = [](const v1::Component&) { return ServiceFactKinds(); },
};

}  // namespace kpr
