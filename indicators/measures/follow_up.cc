// Whether a fact, or a service again, comes within some days after services began or ended or after another
// fact, and after how many.
#include <fmt/format.h>

#include <algorithm>

#include "indicators/evaluation/fact_field.h"
#include "indicators/measures/days_taken.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"
#include "indicators/measures/words.h"

namespace kpr {
namespace {

constexpr int kMostDays = 366;
// Those that are done; others say that something began or ended.
constexpr v1::FactType kFollowing[] = {
    v1::FACT_TYPE_FULL_MEDICATION_REVIEW, v1::FACT_TYPE_MEDICATION_RECONCILIATION,
    v1::FACT_TYPE_ASSESSED_BY_DOCTOR,     v1::FACT_TYPE_ASSESSED_BY_DENTAL_STAFF,
    v1::FACT_TYPE_NUTRITION_ASSESSED,     v1::FACT_TYPE_FUNCTION_ASSESSED,
    v1::FACT_TYPE_PREVENTIVE_HOME_VISIT,
};

bool IsDone(v1::FactType type) {
  const NamedFact* named = FindFact(type);
  return std::find(std::begin(kFollowing), std::end(kFollowing), type) != std::end(kFollowing) ||
         (named != nullptr && named->kind == FactKind::kContact);
}

std::string Check(const v1::Component& c) {
  const auto& f = c.follow_up();
  if (f.comes_again() && (!f.after_end() || f.fact() != v1::FACT_TYPE_UNSPECIFIED))
    return "after_end and no fact in follow_up, where comes_again";
  if (!f.comes_again() && !IsDone(f.fact()))
    return "a review, reconciliation, assessment, home visit or contact as fact in follow_up";
  if (f.days() == 0 || f.days() > kMostDays) return fmt::format("days of 1 to {} in follow_up", kMostDays);
  const bool of_services = f.after_fact() == v1::FACT_TYPE_UNSPECIFIED;
  if (!of_services &&
      (f.after_fact() != v1::FACT_TYPE_HOSPITAL_DISCHARGE || f.after_end() || !f.types().empty()))
    return "HOSPITAL_DISCHARGE as after_fact in follow_up, with no types and no after_end";
  const bool beyond = std::any_of(c.classes().begin(), c.classes().end(), [&](const v1::Class& k) {
    return k.up_to_days() < 0 || k.up_to_days() > static_cast<int>(f.days());
  });
  return beyond        ? "up_to_days of a class not beyond the days of follow_up"
         : of_services ? CheckTypes(f.types())
                       : "";
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  const auto& f = c.follow_up();
  plan->types = CodesOf(f.types());
  if (!f.comes_again()) plan->fact = FilterOf(f.fact());
  if (f.after_fact() != v1::FACT_TYPE_UNSPECIFIED) plan->after_fact = FindFact(f.after_fact())->kind;
  plan->comes_again = f.comes_again();
  plan->follow_up_days = static_cast<int>(f.days());
  plan->after_end = f.after_end();
}

// Days from `from` to the first such fact up to `day`; none: beyond every class.
int DaysUntilFact(Date from, Date day, const ComponentPlan& c, const SubjectState& state) {
  const auto& facts = state.effective;  // by date
  auto fact = std::lower_bound(facts.begin(), facts.end(), from,
                               [](const Fact& f, Date date) { return f.occurred_on < date; });
  for (; fact != facts.end() && fact->occurred_on <= day; ++fact) {
    if (c.fact.IsOfKind(*fact)) return fact->occurred_on - from;
  }
  return kMostDays + 1;
}

// Days [first, last] on each of which a service of the types runs; the next one begins two days later or
// more.
struct Interval {
  Date first, last;
};

std::vector<Interval> IntervalsOf(const ComponentPlan& c, const SubjectState& state) {
  std::vector<Interval> intervals;
  for (const Spell& spell : state.spells) {  // by start
    if (!c.types.Has(spell.type)) continue;
    if (!intervals.empty() && (intervals.back().last == kNoEnd || spell.start <= intervals.back().last + 1)) {
      intervals.back().last = std::max(intervals.back().last, spell.end);
    } else {
      intervals.push_back({spell.start, spell.end});
    }
  }
  return intervals;
}

// The latest begun of those that run on the day.
const Spell* ServiceOn(Date day, const ComponentPlan& c, const SubjectState& state) {
  const Spell* latest = nullptr;
  for (const Spell& spell : state.spells) {
    if (!c.types.Has(spell.type) || !spell.ActiveOn(day)) continue;
    if (latest == nullptr || spell.BeganAfter(*latest)) latest = &spell;
  }
  return latest;
}

// A service that is followed up, `days` after which what is asked for came.
void EmitFollowUp(const PlanStep& step, Date from, Date day, int days, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const Spell& service = *ServiceOn(c.after_end ? from : day, c, evaluation->state());
  const CellPlace place = CellPlace::At(service.municipality, service.ProviderOn(c.after_end ? from : day));
  EmitDaysTaken(step, evaluation->KeyOf(step, place, day), MonthOf(day), days, evaluation);
}

// Of one day the last fact counts, and no fact that another one has followed when the days are up.
void EvaluateAfterFacts(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const SubjectState& state = evaluation->state();
  const Fact* last = nullptr;
  const auto emit = [&](Date until) {
    if (last == nullptr) return;
    const Date from = last->occurred_on, day = from + c.follow_up_days;
    if (until <= day || !evaluation->InRange(day) || day > state.death || evaluation->Excluded(day)) return;
    const CellPlace place = CellPlace::At(last->municipality, {});
    EmitDaysTaken(step, evaluation->KeyOf(step, place, day), MonthOf(day), DaysUntilFact(from, day, c, state),
                  evaluation);
  };
  for (const Fact& fact : state.effective) {  // by date
    if (fact.kind != c.after_fact) continue;
    emit(fact.occurred_on);
    last = &fact;
  }
  emit(kNoEnd);
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  if (step.component->after_fact != FactKind{}) return EvaluateAfterFacts(step, evaluation);
  const ComponentPlan& c = *step.component;
  const SubjectState& state = evaluation->state();
  const std::vector<Interval> intervals = IntervalsOf(c, state);
  for (size_t i = 0; i < intervals.size(); ++i) {
    const Date from = c.after_end ? intervals[i].last : intervals[i].first;
    if (from == kNoEnd) continue;
    const Date day = from + c.follow_up_days;
    if (!evaluation->InRange(day) || day > state.death || evaluation->Excluded(day)) continue;
    const bool again = i + 1 < intervals.size() && intervals[i + 1].first <= day;
    if (c.comes_again) {
      EmitFollowUp(step, from, day, again ? intervals[i + 1].first - from : kMostDays + 1, evaluation);
    } else if (c.after_end ? !again : intervals[i].last >= day) {
      EmitFollowUp(step, from, day, DaysUntilFact(from, day, c, state), evaluation);
    }
  }
}

std::string Describe(const v1::Component& c) {
  const auto& f = c.follow_up();
  if (f.after_fact() != v1::FACT_TYPE_UNSPECIFIED) {
    return fmt::format("{} {} days before; {} since", Words(v1::FactType_Name(f.after_fact()), "FACT_TYPE_"),
                       f.days(), Words(v1::FactType_Name(f.fact()), "FACT_TYPE_"));
  }
  return fmt::format(
      "times in services of {} that {} {} days before; {} since", TypesText(f.types()),
      f.after_end() ? "ended" : "began", f.days(),
      f.comes_again() ? "in such services again" : Words(v1::FactType_Name(f.fact()), "FACT_TYPE_"));
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
          const auto after = c.follow_up().after_fact();
          auto facts =
              after == v1::FACT_TYPE_UNSPECIFIED ? ServiceFactKinds() : std::set{FindFact(after)->kind};
          if (!c.follow_up().comes_again()) facts.insert(FindFact(c.follow_up().fact())->kind);
          return facts;
        },
};

}  // namespace kpr
