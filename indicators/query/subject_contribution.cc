#include "indicators/query/subject_contribution.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "indicators/measures/measure.h"
#include "indicators/query/estimates.h"
#include "indicators/query/selection.h"
#include "registry/facts/place_facts.h"
#include "registry/facts/service_facts.h"
#include "registry/facts/survey_facts.h"

namespace kpr {

Result<ValueRef> ResolveValue(const std::string& period, const std::string& area, const Plan& plan,
                              Date horizon, const ReportingData* reporting) {
  const v1::Level level = LevelOfArea(area);
  if (level == v1::LEVEL_COUNTRY && !area.empty() && area != "0") {
    return Invalid(
        fmt::format("area: '{}': expected a county (2 digits), municipality (4), provider (9) or 0", area));
  }
  if (period.empty()) return Invalid("period: expected 2024, 2024-T1 or 2024-02");
  v1::GetIndicatorValuesRequest get;
  get.set_from_period(period);
  get.set_level(level);
  if (level != v1::LEVEL_COUNTRY) get.add_areas(area);
  ValueRef ref{&plan.catalogue.definitions[0], {}, 0, reporting};
  KPR_ASSIGN_OR_RETURN(ref.selection, SelectionOf(get, *ref.definition, plan.indicators[0], horizon));
  if (level != v1::LEVEL_COUNTRY) ref.area = *ref.selection.areas.begin();
  return ref;
}

SubjectContribution::SubjectContribution(const Plan* plan, const ValueRef* ref)
    : evaluator_(plan), ref_(ref), sums_(ref->selection.indicator, ref->selection.range) {}

Slots SubjectContribution::Of(const SubjectId& subject, const std::vector<Fact>& facts) {
  contributions_.clear();
  state_ = Fold(subject, facts);
  evaluator_.Evaluate(state_, kFirstDate, MonthEnd(ref_->selection.range.last_month), &contributions_);
  std::map<std::pair<CellPlace, int>, Slots> cells;
  const auto periods = ReferencePeriodsOf(*ref_->selection.indicator, ref_->selection.range.kind);
  for (const Contribution& c : contributions_) {
    if (c.key.indicator != ref_->selection.indicator->number) continue;
    if (std::find(periods.begin(), periods.end(), c.key.period) == periods.end()) continue;
    cells[{c.key.place, c.key.year}][c.slot] += c.amount;
  }
  Slots total;
  for (auto it = cells.begin(); it != cells.end();) {
    sums_.Clear();
    const CellPlace place = it->first.first;
    for (; it != cells.end() && it->first.first == place; ++it) AddCell(it->first.second, it->second);
    sums_.ForEach([&](int ordinal, const Slots& slots) {
      if (!Inside(place, ordinal)) return;
      const int32_t industry = ref_->reporting->IndustryOf(place.provider, LastMonth(ordinal));
      for (const auto& [slot, amount] : AtIndustry(*ref_->selection.indicator, slots, industry))
        total[slot] += amount;
    });
  }
  DropZeros(&total);
  return total;
}

void SubjectContribution::AddCell(int year, const Slots& cell) {
  sums_.Add(year, EncodeSlots(cell));
}

int SubjectContribution::LastMonth(int ordinal) const {
  const PeriodRange& range = ref_->selection.range;
  return std::min(MonthOf(Period{range.kind, ordinal}.last()), range.last_month);
}

bool SubjectContribution::Inside(const CellPlace& place, int ordinal) const {
  const Selection& s = ref_->selection;
  const Structure& structure = StructureOf(s, ordinal);
  const int last = LastMonth(ordinal);
  const CellPlace reported = WhereReported(place, s, *ref_->reporting, last);
  if (reported.municipality_count == 0) return false;
  const auto areas = AreasOf(reported, s.level, structure, *ref_->reporting, last);
  return std::find(areas.begin(), areas.end(), ref_->area) != areas.end();
}

// Whether a fact can have a step in the indicator's figures: one of its services, or a kind it asks for.
bool Concerns(const Plan& plan, const IndicatorPlan& indicator, const Fact& fact) {
  if (IsServiceFact(fact.kind) || IsApplicationFact(fact.kind)) {
    CodeSet types;
    for (const PredicatePlan& p : plan.predicates) {
      if (p.test != PredicatePlan::Test::kDeathAt) types.Add(p.types);
    }
    for (const ComponentPlan& c : indicator.components) types.Add(c.types);
    return types.Has(IsServiceFact(fact.kind) ? ServiceFact{fact}.service_type()
                                              : PlaceFact{fact}.service_type());
  }
  if (fact.kind == FactKind::kPersonDetails) return true;
  if (IsSurveyFact(fact.kind)) {
    return std::any_of(indicator.components.begin(), indicator.components.end(), [&](const auto& c) {
      return c.survey.instrument == SurveyFact{fact}.instrument() &&
             c.survey.respondent == SurveyFact{fact}.respondent();
    });
  }
  if (fact.kind == FactKind::kInhabitants) return true;
  if (fact.kind == FactKind::kFunctionAssessment) {
    const bool changes =
        std::any_of(indicator.components.begin(), indicator.components.end(),
                    [](const auto& c) { return c.measure->field == v1::Component::kScoreChange; });
    if (changes) return true;
  }
  const auto asks = [&](const FactFilter& filter) { return filter.IsOfKind(fact); };
  return std::any_of(plan.predicates.begin(), plan.predicates.end(),
                     [&](const auto& p) { return asks(p.fact); }) ||
         std::any_of(indicator.components.begin(), indicator.components.end(), [&](const auto& c) {
           return asks(c.fact) || asks(c.or_fact) || fact.kind == c.after_fact;
         });
}

ResultRow RowOf(const ValueRef& ref, const Slots& slots) {
  Row row;
  row.slots = slots;
  return MakeResultRow({ref.definition, ref.selection.indicator, &row, {1, 1, 0}});
}

}  // namespace kpr
