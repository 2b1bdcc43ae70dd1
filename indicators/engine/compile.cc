// From definitions to a plan.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "indicators/engine/plan.h"
#include "indicators/evaluation/fact_field.h"
#include "indicators/evaluation/own_coverage.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"
#include "registry/codelists/edition.h"
#include "registry/facts/report_facts.h"

namespace kpr {
namespace {

SubjectKind ToSubjectKind(v1::SubjectType type) {
  if (type == v1::SUBJECT_TYPE_PROVIDER) return SubjectKind::kProvider;
  if (type == v1::SUBJECT_TYPE_RESPONDENT) return SubjectKind::kRespondent;
  if (type == v1::SUBJECT_TYPE_MUNICIPALITY) return SubjectKind::kMunicipality;
  return SubjectKind::kPerson;
}

// Gives equal predicates and equal ways of placing one number each.
class Compiler {
 public:
  Compiler(Plan* plan, Instruments instruments) : plan_(plan), instruments_(instruments) {
    plan_->predicates.push_back({});
    for (int age : kAgeBandStarts) plan_->ages.insert(age);
  }

  uint32_t Predicate(const v1::Predicate& p) {
    const std::string text = p.SerializeAsString();
    const auto known = numbers_.find(text);
    if (known != numbers_.end()) return known->second;
    PredicatePlan predicate = Translate(p);
    plan_->predicates.push_back(std::move(predicate));
    const auto number = static_cast<uint32_t>(plan_->predicates.size() - 1);
    numbers_.emplace(text, number);
    return number;
  }

  ComponentPlan Component(const v1::Component& c) {
    ComponentPlan plan;
    plan.subject = ToSubjectKind(c.subject());
    plan.slot = c.role() == v1::ROLE_NUMERATOR ? slot::kNumerator : slot::kDenominator;
    plan.whole_period = c.reference_period() == v1::REFERENCE_PERIOD_WHOLE_PERIOD;
    if (c.has_where()) plan.where = Predicate(c.where());
    CollectServing(plan.where, &plan);
    plan.every_municipality = c.attribution() == v1::ATTRIBUTION_EVERY;
    plan.classes_overlap = c.classes_overlap();
    for (const auto& k : c.classes()) {
      plan.classes.push_back({k.has_where() ? Predicate(k.where()) : 0, k.up_to_days(), Hundredths(k.from()),
                              Hundredths(k.to())});
      if (k.has_value()) SetValueTest(k.value(), &plan.classes.back().fact);
    }
    for (const std::string& code : c.provider_industries())
      plan.provider_industries.push_back(IndustryNumber(code));
    plan.measure = MeasureOf(c.measure_case());
    plan.sort = plan.measure->sort(c);
    plan.counts_subjects = plan.measure->repeats;
    if (plan.measure->compile != nullptr) plan.measure->compile(c, instruments_, &plan);
    if (plan.counts_subjects) plan.presences = plan_->presences++;
    if (plan.follow_up_days > 0)
      plan_->deadlines.push_back({plan.types, plan.after_end, plan.after_fact, plan.follow_up_days});
    const bool counts_facts =
        plan.sort == MeasuringType::kFlow && plan.follow_up_days == 0 && plan.fact.kind != FactKind{};
    if (counts_facts) plan_->counted_facts.insert({plan.fact.kind, plan.or_fact.kind});
    SetPlaces(&plan);
    return plan;
  }

  std::set<int> OwnCoverageOf(const ComponentPlan& c) const {
    std::set<int> numbers = kpr::OwnCoverageOf(c);
    AddOwnCoverage(c.where, &numbers);
    for (const ClassPlan& k : c.classes) AddOwnCoverage(k.where, &numbers);
    return numbers;
  }

 private:
  // Rules to place a person that are equal have one number.
  void SetPlaces(ComponentPlan* plan) {
    const auto rule = std::tuple(plan->serving_types, plan->serving_types_interrupted, plan->waiting_types,
                                 plan->every_municipality);
    plan->places =
        attribution_rules_.emplace(rule, static_cast<uint32_t>(attribution_rules_.size())).first->second;
    plan_->places = static_cast<uint32_t>(attribution_rules_.size());
  }

  PredicatePlan Translate(const v1::Predicate& p) {
    using Test = PredicatePlan::Test;
    PredicatePlan plan;
    switch (p.test_case()) {
      case v1::Predicate::kAll:
        plan.test = Test::kAll;
        for (const auto& q : p.all().of()) plan.of.push_back(Predicate(q));
        break;
      case v1::Predicate::kAny:
        plan.test = Test::kAny;
        for (const auto& q : p.any().of()) plan.of.push_back(Predicate(q));
        break;
      case v1::Predicate::kNot:
        plan.test = Test::kNot;
        plan.of.push_back(Predicate(p.not_()));
        break;
      case v1::Predicate::kServiceActive:
        plan.test = Test::kServiceActive;
        plan.types = CodesOf(p.service_active().types());
        plan.pauses_interrupt = p.service_active().pauses() == v1::PAUSES_INTERRUPT;
        break;
      case v1::Predicate::kFactWithin: {
        const auto& f = p.fact_within();
        plan.test = Test::kFactWithin;
        plan.fact = FilterOf(f.fact());
        if (f.has_value()) SetValueTest(f.value(), &plan.fact);
        for (const auto& d : f.diagnoses()) plan.fact.diagnoses.emplace_back(d.system(), d.begins());
        plan.latest = f.latest();
        plan.months = static_cast<int>(f.months());
        if (plan.months > 0) plan_->months[plan.fact.kind].insert(plan.months);
        break;
      }
      case v1::Predicate::kAge:
        plan.test = Test::kAge;
        plan.from = static_cast<int>(p.age().from());
        plan.to = p.age().to() == 0 ? INT32_MAX - 1 : static_cast<int>(p.age().to());
        plan_->ages.insert(plan.from);
        if (p.age().to() != 0) plan_->ages.insert(plan.to + 1);
        break;
      case v1::Predicate::kWaitingForPlace:
        plan.test = Test::kWaiting;
        plan.types = CodesOf(p.waiting_for_place().types());
        break;
      case v1::Predicate::kGrantedHours:
        plan.test = Test::kHours;
        plan.types = CodesOf(p.granted_hours().types());
        plan.from = Hundredths(p.granted_hours().from());
        plan.to = p.granted_hours().to() == 0 ? INT32_MAX : Hundredths(p.granted_hours().to());
        break;
      case v1::Predicate::kDeathAt:
        plan.test = Test::kDeathAt;
        plan.types = CodesOf(p.death_at().places());
        break;
      case v1::Predicate::TEST_NOT_SET:
        break;
    }
    return plan;
  }

  void AddOwnCoverage(uint32_t predicate, std::set<int>* numbers) const {
    const PredicatePlan& p = plan_->predicates[predicate];
    numbers->merge(kpr::OwnCoverageOf(p));
    for (const uint32_t q : p.of) AddOwnCoverage(q, numbers);
  }

  void CollectServing(uint32_t number, ComponentPlan* component) const {
    const PredicatePlan& p = plan_->predicates[number];
    if (p.test == PredicatePlan::Test::kServiceActive) {
      component->serving_types.Add(p.types);
      if (p.pauses_interrupt) component->serving_types_interrupted.Add(p.types);
    }
    if (p.test == PredicatePlan::Test::kWaiting) component->waiting_types.Add(p.types);
    if (p.test == PredicatePlan::Test::kNot) return;
    for (const uint32_t q : p.of) CollectServing(q, component);
  }

  Plan* plan_;
  Instruments instruments_;
  std::map<std::string, uint32_t> numbers_;
  std::map<std::tuple<CodeSet, CodeSet, CodeSet, bool>, uint32_t> attribution_rules_;
};

Result<IndicatorPlan> CompileIndicator(const v1::Definition& d, Instruments instruments, Compiler* compiler) {
  IndicatorPlan indicator;
  indicator.number = IndicatorNumber(d);
  for (const int unit : d.periods())
    indicator.periods.push_back(ToPeriodKind(static_cast<v1::PeriodUnit>(unit)));
  for (const auto& c : d.components()) {
    const Measure& measure = *MeasureOf(c.measure_case());
    if (measure.check_instrument != nullptr) {
      const std::string problem = measure.check_instrument(c, instruments);
      if (!problem.empty()) return Invalid(fmt::format("{}@{}: {}", d.id(), d.version(), problem));
    }
    indicator.components.push_back(compiler->Component(c));
    indicator.own_coverage.merge(compiler->OwnCoverageOf(indicator.components.back()));
    indicator.unit = std::max(indicator.unit, measure.unit);
  }
  indicator.histogram = d.kind() == v1::KIND_MEDIAN_DAYS;
  return indicator;
}

// One step for each period of the component, or one in all where its amounts serve every period.
void AddSteps(const IndicatorPlan& indicator, const ComponentPlan& component, std::vector<PlanStep>* steps) {
  const auto add = [&](bool by_period, bool subjects) {
    if (!by_period) steps->push_back({&indicator, &component, ReferencePeriod::kLastDay, subjects});
    for (const PeriodKind kind : indicator.periods) {
      if (by_period) steps->push_back({&indicator, &component, static_cast<ReferencePeriod>(kind), subjects});
    }
  };
  add(component.whole_period && component.sort == MeasuringType::kStock, false);
  if (component.counts_subjects) add(component.SubjectsByPeriod(), true);
}

// Levels over one period together, so that their observations are laid out once.
void SortSteps(std::vector<PlanStep>* steps) {
  std::stable_sort(steps->begin(), steps->end(), [](const PlanStep& a, const PlanStep& b) {
    const auto order = [](const PlanStep& s) {
      return s.OnGrid() ? std::pair(0, static_cast<int>(s.period))
                        : std::pair(1, static_cast<int>(s.component->sort));
    };
    return order(a) < order(b);
  });
}

}  // namespace

Result<Plan> Compile(Catalogue catalogue) {
  Plan plan;
  plan.code_ends = EditionInUse().ends;
  Compiler compiler(&plan, catalogue.instruments);
  plan.indicators.reserve(catalogue.definitions.size());
  std::map<uint32_t, std::string> numbers;
  for (const v1::Definition& d : catalogue.definitions) {
    const std::string name = fmt::format("{}@{}", d.id(), d.version());
    if (const auto [it, fresh] = numbers.emplace(IndicatorNumber(d), name); !fresh)
      return Invalid(fmt::format("{} and {} have one number: give one of them another id", name, it->second));
    KPR_ASSIGN_OR_RETURN(IndicatorPlan indicator, CompileIndicator(d, catalogue.instruments, &compiler));
    plan.indicators.push_back(std::move(indicator));
  }
  for (const IndicatorPlan& indicator : plan.indicators) {
    for (const ComponentPlan& component : indicator.components)
      AddSteps(indicator, component, &plan.steps_[static_cast<size_t>(component.subject)]);
  }
  for (std::vector<PlanStep>& steps : plan.steps_) SortSteps(&steps);
  plan.catalogue = std::move(catalogue);
  return plan;
}

}  // namespace kpr
