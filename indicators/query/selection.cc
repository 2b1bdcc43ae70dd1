#include "indicators/query/selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/engine/axis.h"

namespace kpr {
namespace {

Result<PeriodRange> RangeOf(const v1::GetRequest& request, const v1::Definition& definition,
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
    if (!from || !to) return Invalid("period: expected 2024, 2024-T1 or 2024-02");
    if (from->kind != to->kind || from->ordinal > to->ordinal) {
      return Invalid("periods: expected two of one kind, the first not after the last");
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
Result<std::set<uint32_t>> AreasAsked(const v1::GetRequest& request) {
  const size_t digits = request.level() == v1::COUNTY ? 2 : request.level() == v1::MUNICIPALITY ? 4 : 9;
  std::set<uint32_t> areas;
  for (const std::string& area : request.areas()) {
    const bool numeric = area.find_first_not_of("0123456789") == std::string::npos;
    if (request.level() == v1::COUNTRY || request.level() == v1::SIZE_GROUP || area.size() != digits ||
        !numeric) {
      return Invalid(fmt::format("area '{}': expected a number of {} digits for this level", area, digits));
    }
    areas.insert(static_cast<uint32_t>(std::stoul(area)));
  }
  return areas;
}

}  // namespace

v1::Level LevelOfArea(const std::string& area) {
  return area.size() == 2   ? v1::COUNTY
         : area.size() == 4 ? v1::MUNICIPALITY
         : area.size() == 9 ? v1::PROVIDER_LEVEL
                            : v1::COUNTRY;
}

Result<Selection> SelectionOf(const v1::GetRequest& request, const v1::Definition& definition,
                              const IndicatorPlan& indicator, Date horizon) {
  Selection selection;
  selection.indicator = &indicator;
  KPR_ASSIGN_OR_RETURN(selection.range, RangeOf(request, definition, indicator, horizon));
  KPR_ASSIGN_OR_RETURN(selection.areas, AreasAsked(request));
  selection.level = request.level();
  selection.by_sex = request.by_sex();
  selection.by_age = request.by_age();
  selection.undeclared = request.undeclared();
  selection.structure_year = static_cast<int>(request.structure_year());
  if (request.structure_year() != 0 &&
      (selection.structure_year < Structure::kFirstYear || selection.structure_year > horizon.year() + 1)) {
    return Invalid(
        fmt::format("structure year: expected {} to {}", Structure::kFirstYear, horizon.year() + 1));
  }
  selection.strata_of_municipalities =
      definition.kind() == v1::MEAN && definition.components(0).has_survey_index();
  return selection;
}

}  // namespace kpr
