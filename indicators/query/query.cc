#include "indicators/query/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/limits.h"
#include "indicators/engine/evaluate.h"
#include "indicators/query/rollup.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

struct Range {
  PeriodKind kind = PeriodKind::kYear;
  int from = 0, to = 0;
};

Result<Range> RangeOf(const v1::GetRequest& request, const v1::Definition& definition, Date horizon) {
  Range range;
  if (request.from_period().empty() && request.to_period().empty()) {
    range.kind =
        request.unit() == v1::PERIOD_UNIT_UNSPECIFIED ? PeriodKind::kYear : ToPeriodKind(request.unit());
    range.to = Period::Containing(range.kind, horizon).ordinal;
    range.from = range.to - 11;
  } else {
    const auto from =
        Period::Parse(request.from_period().empty() ? request.to_period() : request.from_period());
    const auto to = Period::Parse(request.to_period().empty() ? request.from_period() : request.to_period());
    if (!from || !to) return Invalid("period: expected 2024, 2024-T1 or 2024-02");
    if (from->kind != to->kind || from->ordinal > to->ordinal) {
      return Invalid("periods: expected two of one kind, the first not after the last");
    }
    range = {from->kind, from->ordinal, to->ordinal};
  }
  const bool known = std::any_of(definition.periods().begin(), definition.periods().end(), [&](int unit) {
    return ToPeriodKind(static_cast<v1::PeriodUnit>(unit)) == range.kind;
  });
  if (!known) return Invalid(fmt::format("{} is not computed for such periods", definition.id()));
  range.to = std::min(range.to, Period::Containing(range.kind, horizon).ordinal);
  return range;
}

// The numbers asked for; empty: all of the level.
Result<std::set<uint32_t>> AreasAsked(const v1::GetRequest& request) {
  const size_t digits = request.level() == v1::COUNTY ? 2 : request.level() == v1::MUNICIPALITY ? 4 : 9;
  std::set<uint32_t> areas;
  for (const std::string& area : request.areas()) {
    const bool numeric = area.find_first_not_of("0123456789") == std::string::npos;
    if (request.level() == v1::COUNTRY || area.size() != digits || !numeric) {
      return Invalid(fmt::format("area '{}': expected a number of {} digits for this level", area, digits));
    }
    areas.insert(static_cast<uint32_t>(std::stoul(area)));
  }
  return areas;
}

const char* SexName(uint8_t sex) {
  return sex == kAllStrata ? "all" : sex == 1 ? "male" : sex == 2 ? "female" : "unknown";
}

Status ReadCoverage(const Registry& registry, Coverage* coverage) {
  const auto [first, end] = CellRange(0, PeriodKind::kYear, 0, UINT16_MAX - 1);
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    KPR_RETURN_IF_ERROR(
        registry.store(i).ScanRange(Table::kCells, first, end, [&](std::string_view k, std::string_view v) {
          CellKey key;
          // Annulled facts leave an empty cell behind.
          if (CellKey::Decode(k, &key) && !v.empty())
            coverage->Reported(key.period().ordinal, {key.municipalities[0]});
          return true;
        }));
  }
  return {};
}

using Rows = std::map<RowKey, Slots>;

Result<Rows> ReadRows(const Registry& registry, uint32_t indicator, Range range,
                      const v1::GetRequest& request, const std::set<uint32_t>& asked,
                      std::vector<uint64_t>* positions) {
  Rows rows;
  const auto [first, end] = CellRange(indicator, range.kind, range.from, range.to);
  bool damaged = false;
  const auto take = [&](std::string_view k, std::string_view v) {
    CellKey key;
    if (!CellKey::Decode(k, &key)) damaged = true;
    if (v.empty()) return true;
    for (const uint32_t area : AreasOf(key, request.level())) {
      if (!asked.empty() && !asked.contains(area)) continue;
      RowKey row{key.period().ordinal, area, request.by_sex() ? key.sex : kAllStrata,
                 request.by_age() ? key.age : kAllStrata};
      damaged = !AddTo(&rows[row], v) || damaged;
    }
    return rows.size() <= limits::kQueryRows;
  };
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    StoreState state;
    KPR_RETURN_IF_ERROR(registry.store(i).ScanRange(Table::kCells, first, end, take, &state));
    positions->push_back(state.next_offset);
  }
  if (damaged) return Damaged("a cell does not decode: run 'kpr rebuild'");
  if (rows.size() > limits::kQueryRows) {
    return Exhausted(
        fmt::format("more than {} rows: ask for fewer periods, areas or strata", limits::kQueryRows));
  }
  return rows;
}

// Areas that are there whether or not they have a cell, so that a missing figure is seen and explained.
void AddSilentAreas(Range range, const v1::GetRequest& request, const std::set<uint32_t>& asked, Date horizon,
                    Rows* rows) {
  if (request.by_sex() || request.by_age()) return;
  for (int ordinal = range.from; ordinal <= range.to; ++ordinal) {
    const Date day = std::min(Period{range.kind, ordinal}.last(), horizon);
    std::set<uint32_t> areas;
    if (request.level() == v1::COUNTRY) areas.insert(0);
    if (request.level() == v1::PROVIDER_LEVEL) areas = asked;
    if (request.level() == v1::COUNTY || request.level() == v1::MUNICIPALITY) {
      for (const Municipality m : MunicipalitiesOn(day))
        areas.insert(request.level() == v1::COUNTY ? m.county() : m.code);
    }
    for (const uint32_t area : areas) {
      if (asked.empty() || asked.contains(area)) rows->try_emplace({ordinal, area});
    }
  }
}

v1::Level LevelOfArea(const std::string& area) {
  return area.size() == 2   ? v1::COUNTY
         : area.size() == 4 ? v1::MUNICIPALITY
         : area.size() == 9 ? v1::PROVIDER_LEVEL
                            : v1::COUNTRY;
}

// Whether a fact can have a part in the indicator's figures.
bool Concerns(const IndicatorPlan& indicator, const Fact& fact) {
  uint32_t types = 0;
  bool ages = false, waits = false;
  std::vector<v1::FactType> facts;
  const std::function<void(const PredicatePlan&)> collect = [&](const PredicatePlan& p) {
    types |= p.types;
    ages = ages || p.test == PredicatePlan::Test::kAge;
    waits = waits || p.test == PredicatePlan::Test::kWaiting;
    if (p.test == PredicatePlan::Test::kFactWithin) facts.push_back(p.fact);
    for (const auto& q : p.of) collect(q);
  };
  for (const ComponentPlan& c : indicator.components) {
    types |= c.types;
    waits = waits || c.measure == ComponentPlan::Measure::kWaitingTime;
    collect(c.where);
    for (const ClassPlan& k : c.classes) collect(k.where);
  }
  const auto has = [&](v1::FactType type) {
    return std::find(facts.begin(), facts.end(), type) != facts.end();
  };
  switch (fact.kind) {
    case FactKind::kServiceStarted:
    case FactKind::kServiceEnded:
    case FactKind::kProviderChanged:
    case FactKind::kServicePaused:
    case FactKind::kServiceResumed:
      return (types >> fact.type & 1) != 0;
    case FactKind::kPersonDetails:
      return ages;
    case FactKind::kMedicationReview:
      return has(fact.type == 1 ? v1::FULL_MEDICATION_REVIEW : v1::MEDICATION_RECONCILIATION);
    case FactKind::kDoctorAssessment:
      return has(v1::ASSESSED_BY_DOCTOR);
    case FactKind::kDentalAssessment:
      return has(v1::ASSESSED_BY_DENTAL_STAFF);
    case FactKind::kNutritionAssessment:
      return has(v1::NUTRITION_ASSESSED);
    case FactKind::kFunctionAssessment:
      return has(v1::FUNCTION_ASSESSED);
    case FactKind::kPlaceApplied:
    case FactKind::kPlaceGranted:
    case FactKind::kPlaceDeclined:
      return waits;
    case FactKind::kCapacity:
    case FactKind::kSurveyInvitation:
    case FactKind::kSurveyResponse:
      return true;
    default:
      return false;
  }
}

}  // namespace

v1::ListResponse Query::List() const {
  v1::ListResponse response;
  for (const auto& definition : plan_->catalogue.definitions) *response.add_definitions() = definition;
  return response;
}

Result<v1::GetResponse> Query::Get(const v1::GetRequest& request) const {
  const int at = plan_->Find(request.indicator());
  if (at < 0)
    return NotFound(fmt::format("no indicator '{}': 'kpr indicators list' shows them", request.indicator()));
  const v1::Definition& definition = plan_->catalogue.definitions[static_cast<size_t>(at)];
  const IndicatorPlan& indicator = plan_->indicators[static_cast<size_t>(at)];
  const Date horizon = registry_->horizon();
  v1::GetResponse response;
  response.set_indicator(definition.id());
  response.set_version(definition.version());
  response.set_unit(definition.unit());
  for (const auto& k : definition.components(0).classes()) response.add_classes(k.id());
  if (horizon.days == 0) return response;  // no data at all yet
  response.set_horizon(horizon.ToString());
  KPR_ASSIGN_OR_RETURN(const Range range, RangeOf(request, definition, horizon));
  KPR_ASSIGN_OR_RETURN(const std::set<uint32_t> asked, AreasAsked(request));
  std::vector<uint64_t> positions;
  KPR_ASSIGN_OR_RETURN(Rows rows, ReadRows(*registry_, indicator.number, range, request, asked, &positions));
  response.mutable_position()->Assign(positions.begin(), positions.end());
  AddSilentAreas(range, request, asked, horizon, &rows);
  Coverage coverage;
  KPR_RETURN_IF_ERROR(ReadCoverage(*registry_, &coverage));
  for (const auto& [row, slots] : rows) {
    const Period period{range.kind, row.ordinal};
    const Date day = std::min(period.last(), horizon);
    const bool any_cell =
        std::any_of(slots.begin(), slots.end(), [](const auto& s) { return s.second != 0; });
    // A provider's figures are covered if it has any; all else by municipalities.
    const auto covered = request.level() == v1::PROVIDER_LEVEL ? std::pair<uint32_t, uint32_t>{0, 0}
                                                               : coverage.Of(request.level(), row.area, day);
    v1::Value value = MakeValue(definition, indicator.unit, slots, any_cell, covered);
    value.set_period(period.ToString());
    value.set_area(AreaCode(request.level(), row.area));
    value.set_area_name(AreaName(request.level(), row.area, day));
    value.set_sex(SexName(row.sex));
    value.set_age(row.age == kAllStrata ? "all" : AgeBandName(row.age));
    value.set_provisional(period.last() >= horizon);
    *response.add_values() = std::move(value);
  }
  return response;
}

Result<v1::ExplainResponse> Query::Explain(const v1::ExplainRequest& request) const {
  constexpr uint32_t kDefaultSubjects = 20;
  // Each explanation reads every timeline: one at a time.
  const std::unique_lock turn(explaining_, std::try_to_lock);
  if (!turn.owns_lock()) return Exhausted("another explanation is being made; ask again");
  if (LevelOfArea(request.area()) == v1::COUNTRY && !request.area().empty() && request.area() != "0") {
    return Invalid(fmt::format("area '{}': expected a county (2 digits), municipality (4), provider (9) or 0",
                               request.area()));
  }
  v1::GetRequest get;
  get.set_indicator(request.indicator());
  get.set_from_period(request.period());
  get.set_level(LevelOfArea(request.area()));
  if (get.level() != v1::COUNTRY) get.add_areas(request.area());
  KPR_ASSIGN_OR_RETURN(const v1::GetResponse answer, Get(get));
  v1::ExplainResponse response;
  if (answer.horizon().empty()) return response;  // no data at all yet
  if (answer.values_size() == 1) *response.mutable_value() = answer.values(0);
  const auto at = static_cast<size_t>(plan_->Find(request.indicator()));
  const IndicatorPlan& indicator = plan_->indicators[at];
  const v1::Definition& definition = plan_->catalogue.definitions[at];
  const auto period = Period::Parse(request.period());
  if (!period) return Invalid("period: expected 2024, 2024-T1 or 2024-02");
  const uint32_t area = get.level() == v1::COUNTRY ? 0 : static_cast<uint32_t>(std::stoul(request.area()));
  const uint32_t limit =
      request.limit() == 0 ? kDefaultSubjects : std::min(request.limit(), limits::kExplainedSubjects);
  std::vector<Fact> facts;
  std::vector<Contribution> contributions;
  for (uint32_t i = 0; i < registry_->partitions(); ++i) {
    const PartitionStore& store = registry_->store(i);
    const Date horizon{store.horizon_days()};
    if (period->first() > horizon) continue;
    KPR_RETURN_IF_ERROR(store.Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
      facts.clear();
      contributions.clear();
      if (!DecodeFacts(bytes, &facts)) return true;
      const SubjectId subject = SubjectId::FromView(key);
      const History history = Fold(subject, facts);
      EvaluatePeriod(indicator, history, *period, horizon, &contributions);
      Slots slots;
      for (const Contribution& c : contributions) {
        const auto areas = AreasOf(c.key, get.level());
        if (std::find(areas.begin(), areas.end(), area) != areas.end()) slots[c.slot] += c.amount;
      }
      if (slots.empty()) return true;
      response.set_subjects(response.subjects() + 1);
      if (static_cast<uint32_t>(response.contributions_size()) >= limit) return true;
      v1::Contribution* shown = response.add_contributions();
      shown->set_subject(subject.ToHex());
      const v1::Value value = MakeValue(definition, indicator.unit, slots, true, {0, 0});
      shown->set_numerator(value.numerator());
      shown->set_denominator(value.denominator());
      for (int k = 0; k < value.classes_size(); ++k) {
        if (value.classes(k) == 0) continue;
        shown->set_class_id(shown->class_id() + (shown->class_id().empty() ? "" : ",") +
                            definition.components(0).classes(k).id());
      }
      const Date day = std::min(period->last(), horizon);
      for (const Fact& fact : history.effective) {
        const bool answer_later = fact.kind == FactKind::kSurveyResponse;
        if ((fact.occurred_on <= day || answer_later) && Concerns(indicator, fact))
          shown->add_event_ids(fact.event_id.ToString());
      }
      return true;
    }));
  }
  return response;
}

}  // namespace kpr
