#include "indicators/engine/plan.h"

#include <fmt/format.h>

#include <map>

#include "registry/timeline/fact.h"

namespace kpr {
namespace {

template <typename Types>
uint32_t Mask(const Types& types) {
  uint32_t mask = 0;
  for (uint32_t type : types) mask |= 1u << type;
  return mask;
}

PredicatePlan CompilePredicate(const v1::Predicate& p) {
  using Test = PredicatePlan::Test;
  PredicatePlan plan;
  switch (p.test_case()) {
    case v1::Predicate::kAll:
      plan.test = Test::kAll;
      for (const auto& q : p.all().of()) plan.of.push_back(CompilePredicate(q));
      break;
    case v1::Predicate::kAny:
      plan.test = Test::kAny;
      for (const auto& q : p.any().of()) plan.of.push_back(CompilePredicate(q));
      break;
    case v1::Predicate::kNot:
      plan.test = Test::kNot;
      plan.of.push_back(CompilePredicate(p.not_()));
      break;
    case v1::Predicate::kServiceActive:
      plan.test = Test::kServiceActive;
      plan.types = Mask(p.service_active().types());
      plan.pauses_interrupt = p.service_active().pauses() == v1::PAUSES_INTERRUPT;
      break;
    case v1::Predicate::kFactWithin:
      plan.test = Test::kFactWithin;
      plan.fact = p.fact_within().fact();
      plan.months = static_cast<int>(p.fact_within().months());
      break;
    case v1::Predicate::kAge:
      plan.test = Test::kAge;
      plan.age_from = static_cast<int>(p.age().from());
      plan.age_to = p.age().to() == 0 ? INT32_MAX : static_cast<int>(p.age().to());
      break;
    case v1::Predicate::kWaitingForPlace:
      plan.test = Test::kWaiting;
      plan.types = Mask(p.waiting_for_place().types());
      break;
    case v1::Predicate::TEST_NOT_SET:
      break;
  }
  return plan;
}

void CollectServing(const PredicatePlan& p, ComponentPlan* component) {
  if (p.test == PredicatePlan::Test::kServiceActive) {
    component->serving_types |= p.types;
    if (p.pauses_interrupt) component->serving_types_interrupted |= p.types;
  }
  if (p.test == PredicatePlan::Test::kWaiting) component->waiting_types |= p.types;
  if (p.test == PredicatePlan::Test::kNot) return;
  for (const PredicatePlan& q : p.of) CollectServing(q, component);
}

int CapacityPosition(v1::CapacityField field) {
  switch (field) {
    case v1::PLACES:
      return value_at::kPlaces;
    case v1::PLACES_BOUGHT:
      return value_at::kBought;
    case v1::PLACES_SOLD:
      return value_at::kSold;
    case v1::ROOMS:
      return value_at::kRooms;
    case v1::SINGLE_ROOMS_WITH_BATH:
      return value_at::kSingleBath;
    case v1::DOUBLE_ROOMS:
      return value_at::kDoubleRooms;
    default:
      return -1;
  }
}

SubjectKind ToSubjectKind(v1::SubjectType type) {
  switch (type) {
    case v1::PROVIDER:
      return SubjectKind::kProvider;
    case v1::RESPONDENT:
      return SubjectKind::kRespondent;
    default:
      return SubjectKind::kPerson;
  }
}

ComponentPlan CompileComponent(const v1::Component& c) {
  using Measure = ComponentPlan::Measure;
  ComponentPlan plan;
  plan.subject = ToSubjectKind(c.subject());
  plan.slot = c.role() == v1::NUMERATOR ? 1 : 0;
  plan.whole_period = c.look() == v1::WHOLE_PERIOD;
  if (c.has_where()) plan.where = CompilePredicate(c.where());
  CollectServing(plan.where, &plan);
  plan.every_municipality = c.attribution() == v1::EVERY;
  plan.classes_overlap = c.classes_overlap();
  for (const auto& k : c.classes()) {
    plan.classes.push_back({k.has_where() ? CompilePredicate(k.where()) : PredicatePlan(), k.up_to_days()});
  }
  switch (c.measure_case()) {
    case v1::Component::kStayDays:
      plan.measure = Measure::kStayDays;
      plan.types = Mask(c.stay_days().types());
      break;
    case v1::Component::kCapacity:
      plan.measure = Measure::kCapacity;
      for (const std::string& code : c.capacity().industries())
        plan.industries.push_back(IndustryNumber(code));
      for (const auto& term : c.capacity().terms()) {
        plan.capacity_terms.emplace_back(CapacityPosition(term.field()), term.subtract() ? -1 : 1);
      }
      break;
    case v1::Component::kWaitingTime:
      plan.measure = Measure::kWaitingTime;
      plan.types = Mask(c.waiting_time().types());
      break;
    case v1::Component::kSurveyIndex: {
      plan.measure = Measure::kSurveyIndex;
      const auto& s = c.survey_index();
      plan.instrument = InstrumentNumber(s.instrument());
      plan.respondent = static_cast<uint16_t>(s.respondent());
      plan.items = static_cast<int>(s.items());
      plan.scale_min = static_cast<int>(s.scale_min());
      plan.scale_max = static_cast<int>(s.scale_max());
      plan.reversed = Mask(s.reversed_items());
      break;
    }
    case v1::Component::MEASURE_NOT_SET:
      break;
  }
  return plan;
}

}  // namespace

uint32_t IndicatorNumber(const v1::Definition& definition) {
  const std::string name = fmt::format("{}@{}", definition.id(), definition.version());
  return static_cast<uint32_t>(Fnv1a(name) >> 32) | 1u;
}

PeriodKind ToPeriodKind(v1::PeriodUnit unit) {
  return unit == v1::MONTH     ? PeriodKind::kMonth
         : unit == v1::TERTIAL ? PeriodKind::kTertial
                               : PeriodKind::kYear;
}

int Plan::Find(const std::string& id, uint32_t version) const {
  int best = -1;
  for (int i = 0; i < static_cast<int>(catalogue.definitions.size()); ++i) {
    const auto& d = catalogue.definitions[static_cast<size_t>(i)];
    if (d.id() != id || (version != 0 && d.version() != version)) continue;
    if (best < 0 || d.version() > catalogue.definitions[static_cast<size_t>(best)].version()) best = i;
  }
  return best;
}

Result<Plan> Compile(Catalogue catalogue) {
  Plan plan;
  plan.indicators.reserve(catalogue.definitions.size());
  std::map<uint32_t, std::string> numbers;
  for (const v1::Definition& d : catalogue.definitions) {
    IndicatorPlan indicator;
    const std::string name = fmt::format("{}@{}", d.id(), d.version());
    indicator.number = IndicatorNumber(d);
    if (const auto [it, fresh] = numbers.emplace(indicator.number, name); !fresh) {
      return Invalid(fmt::format("{} and {} have one number: give one of them another id", name, it->second));
    }
    for (const int unit : d.periods())
      indicator.periods.push_back(ToPeriodKind(static_cast<v1::PeriodUnit>(unit)));
    for (const auto& c : d.components()) {
      indicator.components.push_back(CompileComponent(c));
      if (c.has_capacity()) indicator.unit = 100;
    }
    indicator.histogram = d.kind() == v1::MEDIAN_DAYS;
    plan.indicators.push_back(std::move(indicator));
  }
  for (const IndicatorPlan& indicator : plan.indicators) {
    for (const PeriodKind period : indicator.periods) {
      for (const ComponentPlan& component : indicator.components) {
        plan.parts_[static_cast<size_t>(period)][static_cast<size_t>(component.subject)].emplace_back(
            &indicator, &component);
      }
    }
  }
  plan.catalogue = std::move(catalogue);
  return plan;
}

}  // namespace kpr
