#include "indicators/engine/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace kpr {
namespace {

int32_t Hundredths(double value) {
  return static_cast<int32_t>(std::llround(value * 100));
}

template <typename Types>
uint32_t Mask(const Types& types) {
  uint32_t mask = 0;
  for (uint32_t type : types) mask |= 1u << type;
  return mask;
}

FactFilter FilterOf(v1::FactType type) {
  FactFilter filter;
  switch (type) {
    case v1::FACT_TYPE_FULL_MEDICATION_REVIEW:
      filter.kind = FactKind::kMedicationReview;
      filter.type = 1;
      break;
    case v1::FACT_TYPE_MEDICATION_RECONCILIATION:
      filter.kind = FactKind::kMedicationReview;
      filter.type = 2;
      break;
    case v1::FACT_TYPE_ASSESSED_BY_DOCTOR:
      filter.kind = FactKind::kDoctorAssessment;
      break;
    case v1::FACT_TYPE_ASSESSED_BY_DENTAL_STAFF:
      filter.kind = FactKind::kDentalAssessment;
      break;
    case v1::FACT_TYPE_NUTRITION_ASSESSED:
      filter.kind = FactKind::kNutritionAssessment;
      break;
    case v1::FACT_TYPE_FUNCTION_ASSESSED:
      filter.kind = FactKind::kFunctionAssessment;
      break;
    case v1::FACT_TYPE_DIAGNOSIS:
      filter.kind = FactKind::kDiagnosis;
      break;
    case v1::FACT_TYPE_INDIVIDUAL_PLAN:
      filter.kind = FactKind::kIndividualPlan;
      break;
    case v1::FACT_TYPE_COORDINATOR:
      filter.kind = FactKind::kCoordinator;
      break;
    case v1::FACT_TYPE_ROOM_TAKEN:
      filter.kind = FactKind::kRoomTaken;
      break;
    case v1::FACT_TYPE_PREVENTIVE_HOME_VISIT:
      filter.kind = FactKind::kPreventiveHomeVisit;
      break;
    case v1::FACT_TYPE_EVERYDAY_REHABILITATION:
      filter.kind = FactKind::kEverydayRehabilitation;
      break;
    default:  // DEATH: a date in the details, not a fact of its own
      filter.kind = FactKind::kPersonDetails;
      break;
  }
  return filter;
}

void SetValueTest(const v1::ValueTest& test, FactFilter* filter) {
  filter->from = Hundredths(test.from());
  filter->to = Hundredths(test.to());
  filter->field = FactFilter::Field::kValue;
  switch (test.field()) {
    case v1::VALUE_FIELD_AT_RISK:
      filter->value_position = value_at::kAtRisk;
      break;
    case v1::VALUE_FIELD_HAS_PLAN:
      filter->value_position = value_at::kHasPlan;
      break;
    case v1::VALUE_FIELD_ENDED:
      filter->value_position = value_at::kEnded;
      break;
    case v1::VALUE_FIELD_ROOM_KIND:
      filter->field = FactFilter::Field::kType;
      break;
    case v1::VALUE_FIELD_MEAN_SCORE:
      filter->field = FactFilter::Field::kMeanScore;
      break;
    default:
      filter->field = FactFilter::Field::kNone;
      break;
  }
}

int ReportPosition(v1::ReportField field) {
  switch (field) {
    case v1::REPORT_FIELD_PLACES_BOUGHT:
      return value_at::kBought;
    case v1::REPORT_FIELD_PLACES_SOLD:
      return value_at::kSold;
    case v1::REPORT_FIELD_ROOMS:
      return value_at::kRooms;
    case v1::REPORT_FIELD_SINGLE_ROOMS_WITH_BATH:
      return value_at::kSingleBath;
    case v1::REPORT_FIELD_DOUBLE_ROOMS:
      return value_at::kDoubleRooms;
    case v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS:
      return value_at::kFullTime;
    case v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS_WITH_HEALTH_EDUCATION:
      return value_at::kEducated;
    case v1::REPORT_FIELD_DOCTOR_HOURS_PER_WEEK:
      return value_at::kDoctorHours;
    default:
      return value_at::kPlaces;
  }
}

SubjectKind ToSubjectKind(v1::SubjectType type) {
  switch (type) {
    case v1::SUBJECT_TYPE_PROVIDER:
      return SubjectKind::kProvider;
    case v1::SUBJECT_TYPE_RESPONDENT:
      return SubjectKind::kRespondent;
    case v1::SUBJECT_TYPE_MUNICIPALITY:
      return SubjectKind::kMunicipality;
    default:
      return SubjectKind::kPerson;
  }
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
        plan.types = Mask(p.service_active().types());
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
        plan.types = Mask(p.waiting_for_place().types());
        break;
      case v1::Predicate::kGrantedHours:
        plan.test = Test::kHours;
        plan.types = Mask(p.granted_hours().types());
        plan.from = Hundredths(p.granted_hours().from());
        plan.to = p.granted_hours().to() == 0 ? INT32_MAX : Hundredths(p.granted_hours().to());
        break;
      case v1::Predicate::kDeathAt:
        plan.test = Test::kDeathAt;
        plan.types = Mask(p.death_at().places());
        break;
      case v1::Predicate::TEST_NOT_SET:
        break;
    }
    return plan;
  }

  void CollectServing(uint32_t number, ComponentPlan* component) const {
    const PredicatePlan& p = plan_->predicates[number];
    if (p.test == PredicatePlan::Test::kServiceActive) {
      component->serving_types |= p.types;
      if (p.pauses_interrupt) component->serving_types_interrupted |= p.types;
    }
    if (p.test == PredicatePlan::Test::kWaiting) component->waiting_types |= p.types;
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
        plan->types = Mask(c.stay_days().types());
        break;
      case v1::Component::kStays:
        plan->measure = M::kStays;
        plan->types = Mask(c.stays().types());
        break;
      case v1::Component::kGrantedHours:
        plan->measure = M::kGrantedHours;
        plan->types = Mask(c.granted_hours().types());
        break;
      case v1::Component::kReported:
        plan->measure = M::kReported;
        plan->sort = plan->whole_period ? MeasuringType::kDays : MeasuringType::kStock;
        plan->fact.kind = c.reported().terms(0).field() >= v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS
                              ? FactKind::kWorkforce
                              : FactKind::kCapacity;
        for (const std::string& code : c.reported().industries())
          plan->industries.push_back(IndustryNumber(code));
        for (const auto& term : c.reported().terms())
          plan->terms.emplace_back(ReportPosition(term.field()), term.subtract() ? -1 : 1);
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
        plan->types = Mask(c.waiting_time().types());
        break;
      case v1::Component::kFactCount:
        plan->measure = M::kFactCount;
        plan->sort = MeasuringType::kFlow;
        plan->fact = FilterOf(c.fact_count().fact());
        break;
      case v1::Component::kScoreChange:
        plan->measure = M::kScoreChange;
        plan->sort = MeasuringType::kFlow;
        plan->types = Mask(c.score_change().types());
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
  std::map<std::tuple<uint32_t, uint32_t, uint32_t, bool>, uint32_t> attribution_rules_;
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

int32_t MeanScore(const Fact& assessment) {
  int32_t sum = 0, count = 0;
  for (int i = 0; i < assessment.value_count; ++i) {
    if (assessment.value(i) == 9) continue;
    sum += assessment.value(i);
    ++count;
  }
  return count == 0 ? -1 : (200 * sum + count) / (2 * count);
}

bool FactFilter::PassesTest(const Fact& fact) const {
  if (!codes.empty()) {
    const bool any = std::any_of(codes.begin(), codes.end(), [&](const std::string& code) {
      if (static_cast<int>(code.size()) > fact.value_count) return false;
      for (size_t i = 0; i < code.size(); ++i) {
        if (fact.value(static_cast<int>(i)) != code[i]) return false;
      }
      return true;
    });
    if (!any) return false;
  }
  int32_t value = 0;
  switch (field) {
    case Field::kNone:
      return true;
    case Field::kValue:
      value = 100 * fact.value(value_position);
      break;
    case Field::kType:
      value = 100 * fact.type;
      break;
    case Field::kMeanScore:
      value = MeanScore(fact);
      if (value < 0) return false;
      break;
  }
  return from <= value && value <= to;
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
