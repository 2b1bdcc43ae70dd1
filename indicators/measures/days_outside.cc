// On how many of the last days of life a person was outside services of some types.
#include <fmt/format.h>

#include <algorithm>

#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"

namespace kpr {
namespace {

constexpr int kMostDays = 366;
constexpr int64_t kThousandths = 1000;  // of a day

std::string Check(const v1::Component& c) {
  const auto& d = c.days_outside();
  if (d.last_days() == 0 || d.last_days() > kMostDays)
    return fmt::format("last_days of 1 to {} in days_outside", kMostDays);
  if (c.attribution() == v1::ATTRIBUTION_EVERY) return "attribution LATEST for days_outside";
  return CheckTypes(d.types());
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->types = CodesOf(c.days_outside().types());
  plan->last_days = static_cast<int>(c.days_outside().last_days());
}

int64_t DaysOutside(const ComponentPlan& c, const SubjectState& state) {
  int64_t outside = 0;
  for (Date day = state.death - (c.last_days - 1); day <= state.death; day = day + 1) {
    outside += std::none_of(state.spells.begin(), state.spells.end(), [&](const Spell& spell) {
      return c.types.Has(spell.type) && spell.ActiveOn(day);
    });
  }
  return outside;
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const SubjectState& state = evaluation->state();
  if (!evaluation->InRange(state.death) || evaluation->Excluded(state.death)) return;
  evaluation->UseDays({state.death});
  if (!evaluation->predicates().Of(c.where).Has(0)) return;
  const CellPlace& place = evaluation->AttributionsOf(c).front();
  if (place.municipality_count == 0) return;
  const CellKey key = evaluation->KeyOf(step, place, state.death);
  const int month = MonthOf(state.death);
  const int64_t thousandths = DaysOutside(c, state) * kThousandths;
  evaluation->Emit(key, month, c.slot, 1);
  evaluation->Emit(key, month, slot::kSum, thousandths);
  evaluation->Emit(key, month, slot::kSumSquares, thousandths * thousandths);
}

std::string Describe(const v1::Component& c) {
  const auto& d = c.days_outside();
  return fmt::format("days without a service of {} among the last {} of life", TypesText(d.types()),
                     d.last_days());
}

}  // namespace

extern const Measure kDaysOutside;
const Measure kDaysOutside = {
    .field = v1::Component::kDaysOutside,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kFlow>,
    .mean = true,
    .placed_by_where = [](const v1::Component&) { return true; },
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe = Describe,
    .facts =
        [](const v1::Component&) {
          auto facts = ServiceFactKinds();
          facts.insert(FactKind::kPersonDetails);
          return facts;
        },
};

}  // namespace kpr
