#include "indicators/engine/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "indicators/definition/fact_field.h"
#include "registry/facts/assessment_facts.h"
#include "registry/facts/report_facts.h"
#include "registry/facts/survey_facts.h"

namespace kpr {
namespace {

template <typename Types>
CodeSet CodesOf(const Types& types) {
  CodeSet codes;
  for (const uint32_t type : types) codes.Add(type);
  return codes;
}

FactFilter FilterOf(v1::FactType type) {
  FactFilter filter;
  const NamedFact& named = *FindFact(type);  // the check of definitions knows them
  filter.kind = named.kind;
  filter.code = named.code;
  return filter;
}

void SetValueTest(const v1::ValueTest& test, FactFilter* filter) {
  filter->from = Hundredths(test.from());
  filter->to = Hundredths(test.to());
  filter->value = FindValue(test.field())->hundredths;
}

SubjectKind ToSubjectKind(v1::SubjectType type) {
  if (type == v1::SUBJECT_TYPE_PROVIDER) return SubjectKind::kProvider;
  if (type == v1::SUBJECT_TYPE_RESPONDENT) return SubjectKind::kRespondent;
  if (type == v1::SUBJECT_TYPE_MUNICIPALITY) return SubjectKind::kMunicipality;
  return SubjectKind::kPerson;
}

// Gives equal predicates and equal ways of placing one number each.
class Compiler {
 public:
  explicit Compiler(Plan* plan) : plan_(plan) {
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
    }
    for (const std::string& code : c.provider_industries())
      plan.provider_industries.push_back(IndustryNumber(code));
    Measure(c, &plan);
    plan.counts_subjects = CountsSubjects(plan);
    if (plan.counts_subjects) plan.presences = plan_->presences++;
    if (plan.measure == ComponentPlan::Measure::kFactCount) plan_->counted_facts.insert(plan.fact.kind);
    const auto rule = std::tuple(plan.serving_types, plan.serving_types_interrupted, plan.waiting_types,
                                 plan.every_municipality);
    plan.places =
        attribution_rules_.emplace(rule, static_cast<uint32_t>(attribution_rules_.size())).first->second;
    plan_->places = static_cast<uint32_t>(attribution_rules_.size());
    return plan;
  }

 private:
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
        plan.fact.codes.assign(f.codes().begin(), f.codes().end());
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

  // The others' amounts are numbers of subjects, each of one cell: a person dies once, answers a survey once.
  static bool CountsSubjects(const ComponentPlan& plan) {
    using M = ComponentPlan::Measure;
    const bool death = plan.fact.kind == FactKind::kPersonDetails;
    return plan.measure == M::kStayDays || plan.measure == M::kStays || plan.measure == M::kReported ||
           plan.measure == M::kWaitingTime || plan.measure == M::kScoreChange ||
           (plan.measure == M::kFactCount && !death);
  }

  static void Measure(const v1::Component& c, ComponentPlan* plan) {
    using M = ComponentPlan::Measure;
    switch (c.measure_case()) {
      case v1::Component::kStayDays:
        plan->measure = M::kStayDays;
        plan->sort = MeasuringType::kDays;
        plan->types = CodesOf(c.stay_days().types());
        break;
      case v1::Component::kStays:
        plan->measure = M::kStays;
        plan->types = CodesOf(c.stays().types());
        break;
      case v1::Component::kGrantedHours:
        plan->measure = M::kGrantedHours;
        plan->types = CodesOf(c.granted_hours().types());
        break;
      case v1::Component::kReported:
        plan->measure = M::kReported;
        plan->sort = plan->whole_period ? MeasuringType::kDays : MeasuringType::kStock;
        plan->fact.kind = FindReportField(c.reported().terms(0).field())->kind;
        for (const std::string& code : c.reported().industries())
          plan->industries.push_back(IndustryNumber(code));
        for (const auto& term : c.reported().terms())
          plan->terms.emplace_back(FindReportField(term.field())->value, term.subtract() ? -1 : 1);
        break;
      case v1::Component::kInhabitants: {
        plan->measure = M::kInhabitants;
        const auto& i = c.inhabitants();
        for (size_t band = 0; band < kAgeBandStarts.size(); ++band) {
          if (kAgeBandStarts[band] <= static_cast<int>(i.from_age()))
            plan->first_band = static_cast<int>(band);
          if (i.to_age() == 0 || kAgeBandStarts[band] <= static_cast<int>(i.to_age()))
            plan->last_band = static_cast<int>(band);
        }
        break;
      }
      case v1::Component::kWaitingTime:
        plan->measure = M::kWaitingTime;
        plan->sort = MeasuringType::kFlow;
        plan->types = CodesOf(c.waiting_time().types());
        break;
      case v1::Component::kFactCount:
        plan->measure = M::kFactCount;
        plan->sort = MeasuringType::kFlow;
        plan->fact = FilterOf(c.fact_count().fact());
        break;
      case v1::Component::kScoreChange:
        plan->measure = M::kScoreChange;
        plan->sort = MeasuringType::kFlow;
        plan->types = CodesOf(c.score_change().types());
        plan->near_days = static_cast<int>(c.score_change().near_days());
        plan->from_days = static_cast<int>(c.score_change().from_days());
        plan->to_days = static_cast<int>(c.score_change().to_days());
        break;
      case v1::Component::kSurveyIndex:
        plan->measure = M::kSurveyIndex;
        plan->sort = MeasuringType::kFlow;
        break;
      case v1::Component::kSurveyItem:
        plan->measure = M::kSurveyItem;
        plan->sort = MeasuringType::kFlow;
        break;
      case v1::Component::MEASURE_NOT_SET:
        break;
    }
  }

  Plan* plan_;
  std::map<std::string, uint32_t> numbers_;
  std::map<std::tuple<CodeSet, CodeSet, CodeSet, bool>, uint32_t> attribution_rules_;
};

SurveyPlan SurveyOf(const v1::Instrument& instrument, v1::Respondent respondent, const std::string& dimension,
                    uint32_t only_item) {
  SurveyPlan plan;
  plan.instrument = InstrumentNumber(instrument.id());
  plan.respondent = static_cast<uint16_t>(respondent);
  plan.scale_min = static_cast<int>(instrument.scale_min());
  plan.scale_max = static_cast<int>(instrument.scale_max());
  for (int i = 0; i < instrument.items_size(); ++i) {
    if (!dimension.empty() && instrument.items(i).dimension() != dimension) continue;
    if (only_item != 0 && static_cast<uint32_t>(i) + 1 != only_item) continue;
    plan.items.push_back(i);
    plan.reversed.push_back(instrument.items(i).reversed());
  }
  return plan;
}

void SetSurvey(const Catalogue& catalogue, const v1::Component& c, ComponentPlan* plan) {
  if (c.has_survey_index()) {
    const auto& s = c.survey_index();
    plan->survey = SurveyOf(*catalogue.FindInstrument(s.instrument()), s.respondent(), s.dimension(), 0);
  }
  if (c.has_survey_item()) {
    const auto& s = c.survey_item();
    plan->survey = SurveyOf(*catalogue.FindInstrument(s.instrument()), s.respondent(), "", s.item());
  }
}

}  // namespace

bool FactFilter::PassesTest(const Fact& fact) const {
  const auto begins = [&](const std::string& start) { return DiagnosisFact{fact}.code_starts_with(start); };
  if (!codes.empty() && std::none_of(codes.begin(), codes.end(), begins)) return false;
  if (value == nullptr) return true;
  const std::optional<int32_t> tested = value(fact);
  return tested && from <= *tested && *tested <= to;
}

MeasuringType IndicatorPlan::MeasuringTypeOf(uint32_t slot) const {
  if (slot >= slot::kSubjects) return MeasuringType::kStock;
  if (slot == slot::kDayWeighted || slot == slot::kDayWeighted + 1) return MeasuringType::kDays;
  if (slot >= slot::kHistogramBase || slot == slot::kInvited || slot == slot::kResponded)
    return MeasuringType::kFlow;
  const bool role = slot == slot::kDenominator || slot == slot::kNumerator;
  for (const ComponentPlan& c : components) {
    if (!role || c.slot == slot) return c.sort;
  }
  return MeasuringType::kStock;
}

bool IndicatorPlan::has(PeriodKind kind) const {
  return std::find(periods.begin(), periods.end(), kind) != periods.end();
}

uint32_t IndicatorNumber(const v1::Definition& definition) {
  const std::string name = fmt::format("{}@{}", definition.id(), definition.version());
  return static_cast<uint32_t>(Fnv1a(name) >> 32) | 1u;
}

PeriodKind ToPeriodKind(v1::PeriodUnit unit) {
  return unit == v1::PERIOD_UNIT_MONTH     ? PeriodKind::kMonth
         : unit == v1::PERIOD_UNIT_TERTIAL ? PeriodKind::kTertial
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
  Compiler compiler(&plan);
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
      for (const std::string& id : {c.survey_index().instrument(), c.survey_item().instrument()}) {
        if (!id.empty() && catalogue.FindInstrument(id) == nullptr)
          return Invalid(fmt::format("{}: no instrument '{}' in the catalogue", name, id));
      }
      indicator.components.push_back(compiler.Component(c));
      SetSurvey(catalogue, c, &indicator.components.back());
      if (c.has_reported()) indicator.unit = 100;
    }
    indicator.histogram = d.kind() == v1::KIND_MEDIAN_DAYS;
    plan.indicators.push_back(std::move(indicator));
  }
  for (const IndicatorPlan& indicator : plan.indicators) {
    for (const ComponentPlan& component : indicator.components) {
      auto& parts = plan.parts_[static_cast<size_t>(component.subject)];
      const auto add = [&](bool by_period, bool subjects) {
        if (!by_period) parts.push_back({&indicator, &component, ReferencePeriod::kLastDay, subjects});
        for (const PeriodKind kind : indicator.periods) {
          if (by_period)
            parts.push_back({&indicator, &component, static_cast<ReferencePeriod>(kind), subjects});
        }
      };
      add(component.whole_period && component.sort == MeasuringType::kStock, false);
      if (component.counts_subjects) add(component.SubjectsByPeriod(), true);
    }
  }
  // Levels over one period together, so that their observations are laid out once.
  for (auto& parts : plan.parts_) {
    std::stable_sort(parts.begin(), parts.end(), [](const PlanStep& a, const PlanStep& b) {
      const auto order = [](const PlanStep& s) {
        return s.OnGrid() ? std::pair(0, static_cast<int>(s.period))
                          : std::pair(1, static_cast<int>(s.component->sort));
      };
      return order(a) < order(b);
    });
  }
  plan.catalogue = std::move(catalogue);
  return plan;
}

}  // namespace kpr
