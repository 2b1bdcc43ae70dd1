// Whether a fact comes within some days after a service began or ended, and after how many.
#include <fmt/format.h>

#include <algorithm>

#include "indicators/evaluation/fact_field.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"
#include "indicators/measures/words.h"

namespace kpr {
namespace {

constexpr int kMostDays = 366;

std::string Check(const v1::Component& c) {
  const auto& f = c.follow_up();
  if (FindFact(f.fact()) == nullptr || f.fact() == v1::FACT_TYPE_DEATH)
    return "a fact in follow_up, but death";
  if (f.days() == 0 || f.days() > kMostDays) return fmt::format("days of 1 to {} in follow_up", kMostDays);
  const bool beyond = std::any_of(c.classes().begin(), c.classes().end(), [&](const v1::Class& k) {
    return k.up_to_days() < 0 || k.up_to_days() > static_cast<int>(f.days());
  });
  return beyond ? "up_to_days of a class not beyond the days of follow_up" : CheckTypes(f.types());
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  const auto& f = c.follow_up();
  plan->types = CodesOf(f.types());
  plan->fact.kind = FindFact(f.fact())->kind;
  plan->fact.code = FindFact(f.fact())->code;
  plan->follow_up_days = static_cast<int>(f.days());
  plan->after_end = f.after_end();
}

// Days from `from` to the first such fact up to `day`; none: beyond every class.
int DaysUntilFact(Date from, Date day, const ComponentPlan& c, const SubjectState& state) {
  for (const Fact& fact : state.effective) {
    if (fact.occurred_on > day) break;
    if (fact.occurred_on >= from && c.fact.IsOfKind(fact)) return fact.occurred_on - from;
  }
  return kMostDays + 1;
}

bool AnyActive(Date day, const ComponentPlan& c, const SubjectState& state) {
  return std::any_of(state.spells.begin(), state.spells.end(),
                     [&](const Spell& spell) { return c.types.Has(spell.type) && spell.ActiveOn(day); });
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const SubjectState& state = evaluation->state();
  for (const Spell& spell : state.spells) {
    const Date from = c.after_end ? spell.end : spell.start;
    if (!c.types.Has(spell.type) || from == kNoEnd) continue;
    const Date day = from + c.follow_up_days;
    if (!evaluation->InRange(day) || day > state.death || evaluation->Excluded(day)) continue;
    if (c.after_end ? AnyActive(day, c, state) : !spell.ActiveOn(day)) continue;
    const CellPlace place = CellPlace::At(spell.municipality, spell.ProviderOn(c.after_end ? from : day));
    const CellKey key = evaluation->KeyOf(step, place, day);
    evaluation->Emit(key, MonthOf(day), c.slot, step.indicator->unit);
    const int days = DaysUntilFact(from, day, c, state);
    for (uint32_t i = 0; i < c.classes.size(); ++i) {
      if (c.classes[i].up_to_days != 0 && days > c.classes[i].up_to_days) continue;
      evaluation->Emit(key, MonthOf(day), slot::kClassBase + i, 1);
      break;
    }
  }
}

std::string Describe(const v1::Component& c) {
  const auto& f = c.follow_up();
  return fmt::format("services of {} that {} {} days before; {} since", TypesText(f.types()),
                     f.after_end() ? "ended" : "began", f.days(),
                     Words(v1::FactType_Name(f.fact()), "FACT_TYPE_"));
}

}  // namespace

extern const Measure kFollowUp;
const Measure kFollowUp = {
    .field = v1::Component::kFollowUp,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kFlow>,
    .where = false,
    .classes = true,
    .repeats = true,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe = Describe,
    .facts =
        [](const v1::Component& c) {
          auto facts = ServiceFactKinds();
          facts.insert(FindFact(c.follow_up().fact())->kind);
          return facts;
        },
};

}  // namespace kpr
