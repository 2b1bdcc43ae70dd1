// Who and what one value is made of. Reads every timeline.
#include <algorithm>

#include "base/calendar.h"
#include "indicators/query/query.h"
#include "indicators/query/subject_contribution.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

ContributingSubject Describe(const ValueRef& ref, const Plan& plan, const Slots& slots,
                             const SubjectState& state) {
  ContributingSubject out;
  out.subject = state.subject;
  const ResultRow row = RowOf(ref, slots);
  out.numerator = row.numerator;
  out.denominator = row.denominator;
  for (size_t k = 0; k < row.classes.size(); ++k) {
    if (row.classes[k] != 0)
      out.classes.push_back(ref.definition->components(0).classes(static_cast<int>(k)).id());
  }
  const Selection& s = ref.selection;
  const Date day = std::min(Period{s.range.kind, s.range.to}.last(), MonthEnd(s.range.last_month));
  for (const Fact& fact : state.effective) {
    const bool later_answer = fact.kind == FactKind::kSurveyResponse;
    if ((fact.occurred_on <= day || later_answer) && Concerns(plan, *s.indicator, fact))
      out.events.push_back(fact.event_id);
  }
  return out;
}

// The request for the value itself.
v1::GetIndicatorValuesRequest ValueRequest(const v1::ExplainIndicatorValueRequest& request) {
  v1::GetIndicatorValuesRequest get;
  get.set_indicator(request.indicator());
  get.set_version(request.version());
  get.set_from_period(request.period());
  get.set_level(LevelOfArea(request.area()));
  if (get.level() != v1::LEVEL_COUNTRY) get.add_areas(request.area());
  get.set_as_of(request.as_of());
  get.set_position(request.position());
  return get;
}

}  // namespace

Result<Explanation> Query::Explain(const v1::ExplainIndicatorValueRequest& request, uint64_t first,
                                   uint64_t most) const {
  const EditionScope one;
  KPR_ASSIGN_OR_RETURN(const ResolvedIndicator resolved, Resolve(request.indicator(), request.version()));
  const v1::GetIndicatorValuesRequest get = ValueRequest(request);
  KPR_ASSIGN_OR_RETURN(const auto source, SourceFor(resolved, get));
  KPR_RETURN_IF_ERROR(registry_->HasTimelines(source->positions()));
  Explanation explanation;
  explanation.positions = source->positions();
  explanation.code_lists = EditionInUse().version;
  if (source->horizon().days == 0) return explanation;
  KPR_ASSIGN_OR_RETURN(const Plan plan, PlanOf(resolved.definition(), resolved.plan->catalogue));
  KPR_ASSIGN_OR_RETURN(const ReportingData reporting,
                       ReportingData::Read(*source, {resolved.indicator().own_coverage, true, true}));
  KPR_ASSIGN_OR_RETURN(const ValueRef ref,
                       ResolveValue(request.period(), request.area(), plan, source->horizon(), &reporting));
  KPR_ASSIGN_OR_RETURN(const ResultTable table, TableFrom(resolved, *source, get));
  if (table.rows.size() == 1) explanation.row = table.rows.front();
  SubjectContribution contribution(&plan, &ref);
  std::vector<Fact> facts;
  Slots total;
  Status damage;
  for (uint32_t i = 0; i < registry_->partitions(); ++i) {
    KPR_RETURN_IF_ERROR(
        registry_->store(i)->Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
          facts.clear();
          if (!DecodeFacts(bytes, &facts)) damage = DataLoss("timeline of " + ToHex(key));
          if (!damage.ok()) return false;
          const Slots slots =
              contribution.Of(SubjectId::FromView(key), FactsBelow(facts, source->positions()[i]));
          if (slots.empty()) return true;
          for (const auto& [slot, amount] : slots) total[slot] += amount;
          const uint64_t number = explanation.all_subjects++;
          if (number >= first && number - first < most)
            explanation.subjects.push_back(Describe(ref, plan, slots, contribution.state()));
          return true;
        }));
  }
  KPR_RETURN_IF_ERROR(damage);
  const ResultRow sum = RowOf(ref, total);
  explanation.numerator = sum.numerator;
  explanation.denominator = sum.denominator;
  explanation.classes = sum.classes;
  return explanation;
}

}  // namespace kpr
