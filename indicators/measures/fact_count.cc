// Facts of a kind, or a value of them, each observed on its own day.
#include "indicators/evaluation/fact_field.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"
#include "indicators/measures/words.h"
#include "registry/facts/place_facts.h"

namespace kpr {
namespace {

bool HasOrFact(const v1::FactCount& count) {
  return count.or_fact() != v1::FACT_TYPE_UNSPECIFIED;
}

std::string CheckOrFact(const v1::FactCount& count, const NamedFact& named) {
  if (!HasOrFact(count)) return "";
  const NamedFact* other = FindFact(count.or_fact());
  const bool alike = other != nullptr && IsApplicationFact(other->kind) == IsApplicationFact(named.kind);
  const bool death = named.type == v1::FACT_TYPE_DEATH || count.or_fact() == v1::FACT_TYPE_DEATH;
  return alike && !death ? ""
                         : "a fact as or_fact in fact_count, of an application where fact is, and no DEATH";
}

std::string Check(const v1::Component& c) {
  const v1::FactCount& count = c.fact_count();
  const NamedFact* named = FindFact(count.fact());
  if (named == nullptr) return "a fact in fact_count";
  if (!count.types().empty() && !IsApplicationFact(named->kind))
    return "types in fact_count for PLACE_APPLIED, PLACE_GRANTED and PLACE_DECLINED only";
  if (const std::string wrong = CheckTypes(count.types()); !count.types().empty() && !wrong.empty())
    return wrong;
  if (count.has_value()) {
    if (const std::string wrong = CheckValueTest(count.value(), count.fact()); !wrong.empty()) return wrong;
  }
  if (const std::string wrong = CheckOrFact(count, *named); !wrong.empty()) return wrong;
  for (const v1::Class& k : c.classes()) {
    if (k.has_value() && !CheckValueTest(k.value(), count.fact()).empty() &&
        !CheckValueTest(k.value(), count.or_fact()).empty())
      return "a value that such facts have, in a class";
  }
  const bool sums = count.sum() != v1::VALUE_FIELD_UNSPECIFIED;
  const bool has_days = count.sum() == v1::VALUE_FIELD_READY_DAYS &&
                        count.fact() == v1::FACT_TYPE_HOSPITAL_DISCHARGE && !HasOrFact(count);
  if (sums && !has_days) return "READY_DAYS of HOSPITAL_DISCHARGE alone as sum in fact_count";
  if (c.attribution() == v1::ATTRIBUTION_EVERY) return "attribution LATEST for fact_count";
  return "";
}

bool IsDeath(const v1::Component& c) {
  return c.fact_count().fact() == v1::FACT_TYPE_DEATH;
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  const v1::FactCount& count = c.fact_count();
  plan->fact = FilterOf(count.fact());
  if (count.has_value()) SetValueTest(count.value(), &plan->fact);
  if (HasOrFact(count)) plan->or_fact = FilterOf(count.or_fact());
  plan->types = CodesOf(count.types());
  if (count.sum() != v1::VALUE_FIELD_UNSPECIFIED) plan->summed = FindValue(count.sum())->hundredths;
  if (IsDeath(c)) plan->counts_subjects = false;  // a person dies once
}

struct Counted {
  std::vector<Date> days;
  std::vector<Municipality> municipalities;
  std::vector<int64_t> amounts;
  std::vector<const Fact*> facts;  // null: a death
};

// 0: the fact does not count.
int64_t CountedIn(const Fact& fact, const ComponentPlan& c) {
  if (!(c.fact.IsOfKind(fact) && c.fact.PassesTest(fact)) && !c.or_fact.IsOfKind(fact)) return 0;
  if (!c.types.empty() && !c.types.Has(PlaceFact{fact}.service_type())) return 0;
  return c.summed == nullptr ? 1 : c.summed(fact).value_or(0) / 100;
}

Counted FactsInRange(const ComponentPlan& c, const Evaluation& evaluation) {
  Counted counted;
  if (c.fact.kind == FactKind::kPersonDetails) {
    if (evaluation.InRange(evaluation.state().death))
      counted = {{evaluation.state().death}, {Municipality()}, {1}, {nullptr}};
    return counted;
  }
  for (const Fact& fact : evaluation.state().effective) {
    const int64_t amount = evaluation.InRange(fact.occurred_on) ? CountedIn(fact, c) : 0;
    if (amount == 0) continue;
    counted.amounts.push_back(amount);
    counted.facts.push_back(&fact);
    counted.days.push_back(fact.occurred_on);
    counted.municipalities.push_back(fact.municipality);
  }
  return counted;
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const auto [days, municipalities, amounts, facts] = FactsInRange(c, *evaluation);
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
    evaluation->Emit(key, month, c.slot, amounts[i] * step.indicator->unit);
    const uint32_t classes = evaluation->ClassesAt(c, i, facts[i]);
    for (uint32_t k = 0; classes >> k != 0; ++k) {
      if ((classes >> k & 1) != 0) evaluation->Emit(key, month, slot::kClassBase + k, 1);
    }
  }
}

std::string Describe(const v1::Component& c) {
  const v1::FactCount& count = c.fact_count();
  std::string text = count.sum() == v1::VALUE_FIELD_UNSPECIFIED
                         ? "each "
                         : Words(v1::ValueField_Name(count.sum()), "VALUE_FIELD_") + " of each ";
  text += Words(v1::FactType_Name(count.fact()), "FACT_TYPE_");
  if (!count.types().empty()) text += " of service " + TypesText(count.types());
  if (count.has_value()) text += " with " + ValueTestText(count.value());
  if (HasOrFact(count))
    text += ", and each " + Words(v1::FactType_Name(count.or_fact()), "FACT_TYPE_") +
            (count.types().empty() ? "" : " of service " + TypesText(count.types()));
  return text;
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
    .facts =
        [](const v1::Component& c) {
          std::set facts{FindFact(c.fact_count().fact())->kind};
          if (const NamedFact* other = FindFact(c.fact_count().or_fact())) facts.insert(other->kind);
          return facts;
        },
};

}  // namespace kpr
