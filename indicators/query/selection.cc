#include "indicators/query/selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "base/limits.h"

namespace kpr {
namespace {

Result<PeriodRange> RangeOf(const v1::GetIndicatorValuesRequest& request, const v1::Definition& definition,
                            const IndicatorPlan& indicator, Date horizon) {
  PeriodRange range;
  range.last_month = MonthOf(horizon);
  if (request.from_period().empty() && request.to_period().empty()) {
    range.kind = request.unit() == v1::PERIOD_UNIT_UNSPECIFIED ? indicator.periods.back()
                                                               : ToPeriodKind(request.unit());
    range.to = Period::Containing(range.kind, horizon).ordinal;
    range.from = range.to - 11;
  } else {
    const auto from =
        Period::Parse(request.from_period().empty() ? request.to_period() : request.from_period());
    const auto to = Period::Parse(request.to_period().empty() ? request.from_period() : request.to_period());
    if (!from || !to) return Invalid("from_period: expected 2024, 2024-T1 or 2024-02");
    if (from->kind != to->kind || from->ordinal > to->ordinal) {
      return Invalid("to_period: expected the kind of from_period, and not before it");
    }
    range.kind = from->kind;
    range.from = from->ordinal;
    range.to = to->ordinal;
  }
  if (!indicator.has(range.kind))
    return Invalid(fmt::format("{} is not computed for such periods", definition.id()));
  range.to = std::min(range.to, Period::Containing(range.kind, horizon).ordinal);
  if (range.from > range.to) {
    return Invalid(fmt::format("period {}: the data reach {}", Period{range.kind, range.from}.ToString(),
                               horizon.ToString()));
  }
  return range;
}

// The numbers asked for; empty: all of the level.
Result<std::set<uint32_t>> AreasAsked(const v1::GetIndicatorValuesRequest& request, v1::Level level) {
  const size_t digits = level == v1::LEVEL_COUNTY ? 2 : level == v1::LEVEL_MUNICIPALITY ? 4 : 9;
  std::set<uint32_t> areas;
  for (const std::string& area : request.areas()) {
    const bool numeric = area.find_first_not_of("0123456789") == std::string::npos;
    if (level == v1::LEVEL_COUNTRY || level == v1::LEVEL_SIZE_GROUP)
      return Invalid(fmt::format("areas: '{}': this level has no areas to choose from", area));
    if (area.size() != digits || !numeric)
      return Invalid(fmt::format("areas: '{}': expected a number of {} digits for this level", area, digits));
    areas.insert(static_cast<uint32_t>(std::stoul(area)));
  }
  return areas;
}

// Values that a newer client may know and this server does not.
Status CheckEnums(const v1::GetIndicatorValuesRequest& request) {
  if (!v1::Level_IsValid(request.level())) return Invalid("level: not a level of this version");
  if (!v1::PeriodUnit_IsValid(request.unit())) return Invalid("unit: not a unit of this version");
  if (!v1::IncompletePolicy_IsValid(request.incomplete_policy()))
    return Invalid("incomplete_policy: not a policy of this version");
  return {};
}

}  // namespace

Result<Selection> SelectionOf(const v1::GetIndicatorValuesRequest& request, const v1::Definition& definition,
                              const IndicatorPlan& indicator, Date horizon) {
  KPR_RETURN_IF_ERROR(CheckEnums(request));
  Selection selection;
  selection.indicator = &indicator;
  selection.level = request.level() == v1::LEVEL_UNSPECIFIED ? v1::LEVEL_COUNTRY : request.level();
  KPR_ASSIGN_OR_RETURN(selection.range, RangeOf(request, definition, indicator, horizon));
  if (const int periods = selection.range.to - selection.range.from + 1; periods > limits::kQueryPeriods) {
    return ResourceExhausted(
        fmt::format("from_period: {} periods: ask for at most {}", periods, limits::kQueryPeriods));
  }
  KPR_ASSIGN_OR_RETURN(selection.areas, AreasAsked(request, selection.level));
  selection.by_sex = request.by_sex();
  selection.by_age = request.by_age();
  selection.incomplete_policy = request.incomplete_policy() == v1::INCOMPLETE_POLICY_UNSPECIFIED
                                    ? v1::INCOMPLETE_POLICY_INCLUDE
                                    : request.incomplete_policy();
  selection.structure_year = static_cast<int>(request.structure_year());
  if (request.structure_year() != 0 &&
      (selection.structure_year < Structure::kFirstYear || selection.structure_year > horizon.year() + 1)) {
    return Invalid(
        fmt::format("structure_year: expected {} to {}", Structure::kFirstYear, horizon.year() + 1));
  }
  selection.strata_of_municipalities =
      definition.kind() == v1::KIND_MEAN && definition.components(0).has_survey_index();
  return selection;
}

}  // namespace kpr
