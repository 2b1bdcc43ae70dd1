#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/calendar.h"
#include "base/limits.h"
#include "indicators/query/adjust.h"
#include "indicators/query/query.h"
#include "indicators/statistics/funnel.h"
#include "indicators/statistics/process_chart.h"
#include "indicators/statistics/standardisation.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

constexpr double kWarning = 0.95, kAlarm = 0.998, kWinsorised = 0.1;
constexpr int kSeries = 24;
constexpr size_t kShortestSeries = 8;
constexpr char kNotAllocated[] = "0000";

v1::Signal ToProto(Signal signal) {
  switch (signal) {
    case Signal::kBeyondLimits:
      return v1::SIGNAL_BEYOND_LIMITS;
    case Signal::kShift:
      return v1::SIGNAL_SHIFT;
    case Signal::kTrend:
      return v1::SIGNAL_TREND;
    case Signal::kTwoOfThree:
      return v1::SIGNAL_TWO_OF_THREE;
  }
  return v1::SIGNAL_UNSPECIFIED;
}

v1::OutlierStatus ToProto(OutlierStatus status) {
  switch (status) {
    case OutlierStatus::kWithin:
      return v1::OUTLIER_STATUS_WITHIN;
    case OutlierStatus::kHigh:
      return v1::OUTLIER_STATUS_HIGH;
    case OutlierStatus::kLow:
      return v1::OUTLIER_STATUS_LOW;
    case OutlierStatus::kVeryHigh:
      return v1::OUTLIER_STATUS_VERY_HIGH;
    case OutlierStatus::kVeryLow:
      return v1::OUTLIER_STATUS_VERY_LOW;
  }
  return v1::OUTLIER_STATUS_UNSPECIFIED;
}

std::map<std::string, Standardised> Standardise(const ResultTable& strata) {
  std::vector<StratumCount> counts;
  for (const ResultRow& row : strata.rows)
    counts.push_back({row.area, row.sex + "/" + row.age, row.numerator, row.denominator});
  return IndirectlyStandardise(counts);
}

// At the newest point of each area's series; series with a hole have none.
std::map<std::string, std::vector<v1::Signal>> SignalsOf(const ResultTable& series) {
  std::map<std::string, std::vector<double>> points;
  std::set<std::string> holes;
  for (const ResultRow& row : series.rows) {
    if (row.value() != nullptr) points[row.area].push_back(row.value()->value);
    if (row.value() == nullptr) holes.insert(row.area);
  }
  std::map<std::string, std::vector<v1::Signal>> signals;
  for (const auto& [area, x] : points) {
    const auto chart = IndividualsChart(x);
    if (holes.contains(area) || !chart || x.size() < kShortestSeries) continue;
    for (const SignalAt& s : FindSignals(x, *chart)) {
      if (s.point + 1 == x.size()) signals[area].push_back(ToProto(s.signal));
    }
  }
  return signals;
}

std::map<std::string, const Estimate*> ValuesByArea(const ResultTable& table) {
  std::map<std::string, const Estimate*> values;
  for (const ResultRow& row : table.rows) {
    if (row.value() != nullptr) values[row.area] = row.value();
  }
  return values;
}

bool Apart(const Estimate& a, const Estimate& b) {
  return a.lower && b.lower && (*a.lower > *b.upper || *a.upper < *b.lower);
}

// Observed and expected events of the areas where something is expected, as funnels need them.
class Funnel {
 public:
  Funnel(const std::map<std::string, Standardised>& areas, bool proportion) {
    for (const auto& [area, s] : areas) {
      if (s.expected <= 0) continue;
      const AreaCount count{s.observed, s.expected};
      places_[area] = counts_.size();
      counts_.push_back(proportion ? ScaleProportion(count, s.at_risk) : count);
      observed_.push_back(count);
    }
    spread_ = EstimateOverdispersion(counts_, kWinsorised);
    shrinkage_ = EmpiricalBayes(counts_);
  }

  const Overdispersion& spread() const { return spread_; }

  void Place(AreaComparison* row) const {
    const auto it = places_.find(row->row.area);
    row->outlier_status = v1::OUTLIER_STATUS_TOO_FEW;
    if (it == places_.end()) return;
    const AreaCount& count = observed_[it->second];
    const double scaled = counts_[it->second].expected;
    row->observed = count.observed;
    row->expected = count.expected;
    row->ratio = count.observed / count.expected;
    row->warning = FunnelLimits(scaled, spread_.tau2, kWarning);
    row->alarm = FunnelLimits(scaled, spread_.tau2, kAlarm);
    if (shrinkage_) row->shrunken_ratio = shrinkage_->ratios[it->second];
    if (count.expected >= kFewExpected)
      row->outlier_status = ToProto(OutlierStatusOf(row->ratio, row->warning, row->alarm));
  }

 private:
  std::map<std::string, size_t> places_;
  std::vector<AreaCount> observed_, counts_;
  Overdispersion spread_;
  std::optional<Shrinkage> shrinkage_;
};

// The tables a comparison is made of.
struct Tables {
  ResultTable country, values, strata, previous, size_groups, series;
};

// The group of each municipality, and the value of each group.
struct Groups {
  std::map<std::string, std::string> of;
  std::map<std::string, double> values;
};

Result<Groups> SizeGroupsOf(const Tables& t, const CellSource& source, int structure_year,
                            const Period& period) {
  Groups groups;
  KPR_ASSIGN_OR_RETURN(const ReportingData reporting,
                       ReportingData::Read(source, {.own_coverage = {}, .inhabitants = true}));
  const Structure& structure = Structure::Of(structure_year);
  const int month = MonthOf(std::min(period.last(), source.horizon()));
  for (const ResultRow& value : t.values.rows) {
    const auto group = reporting.SizeGroupOf(*Municipality::Parse(value.area), structure, month);
    if (group) groups.of[value.area] = SizeGroupName(*group);
  }
  for (const auto& [group, value] : ValuesByArea(t.size_groups)) groups.values[group] = value->value;
  return groups;
}

// By a category. A group's value is of at least three municipalities with one: of two, each would have the
// other's.
Groups GroupsByCategory(const Tables& t, const KnownAttribute& category, double scale) {
  struct Sum {
    size_t municipalities = 0;
    double numerator = 0, denominator = 0;
  };
  std::map<std::string, Sum> sums;
  for (const ResultRow& row : t.values.rows) {
    if (row.value() == nullptr || !category.Knows(row.area)) continue;
    Sum& sum = sums[category.categories.at(row.area)];
    ++sum.municipalities;
    sum.numerator += row.numerator;
    sum.denominator += row.denominator;
  }
  Groups groups{category.categories, {}};
  for (const auto& [group, sum] : sums) {
    if (sum.municipalities >= kFewestOfCategory && sum.denominator > 0)
      groups.values[group] = scale * sum.numerator / sum.denominator;
  }
  return groups;
}

// What the register holds and the comparison is by.
struct HeldAttributes {
  std::vector<KnownAttribute> adjust_by;
  std::optional<KnownAttribute> group_by;
};

Result<HeldAttributes> AttributesOf(const v1::CompareMunicipalitiesRequest& request,
                                    const MunicipalityData& data, int year, int structure_year) {
  if (static_cast<size_t>(request.adjust_by_size()) > limits::kAttributes) {
    return Invalid(
        fmt::format("adjust_by: {} attributes: at most {}", request.adjust_by_size(), limits::kAttributes));
  }
  HeldAttributes held;
  for (const std::string& id : request.adjust_by()) {
    const auto kind = FindAttribute(data, id);
    if (!kind.ok()) return kind.status().WithContext("adjust_by");
    const auto twice = [&](const KnownAttribute& known) { return known.name == id; };
    if (std::any_of(held.adjust_by.begin(), held.adjust_by.end(), twice))
      return Invalid(fmt::format("adjust_by: '{}' is there twice", id));
    held.adjust_by.push_back(KnownIn(data, **kind, year, structure_year));
  }
  if (request.group_by().empty()) return held;
  const auto kind = FindAttribute(data, request.group_by());
  if (!kind.ok()) return kind.status().WithContext("group_by");
  if (!(*kind)->category)
    return Invalid(fmt::format("group_by: {} is a number: expected a category", request.group_by()));
  held.group_by = KnownIn(data, **kind, year, structure_year);
  return held;
}

// The municipalities of `t.values` that are shown, each on the funnel of all.
void PlaceMunicipalities(const Tables& t, const Groups& groups, const Funnel& funnel,
                         const std::set<std::string>& without_attribute,
                         const v1::CompareMunicipalitiesRequest& request, Comparison* comparison) {
  const auto previous = ValuesByArea(t.previous);
  const auto signals = SignalsOf(t.series);
  const std::set<std::string> shown(request.areas().begin(), request.areas().end());
  for (const ResultRow& value : t.values.rows) {
    if (value.area == kNotAllocated || (!shown.empty() && !shown.contains(value.area))) continue;
    AreaComparison& row = comparison->municipalities.emplace_back();
    row.row = value;
    const auto group = groups.of.find(value.area);
    row.group = group == groups.of.end() ? kUnknownCategory : group->second;
    const auto value_of_group = groups.values.find(row.group);
    if (group != groups.of.end() && value_of_group != groups.values.end())
      row.group_value = value_of_group->second;
    if (const auto it = previous.find(value.area); it != previous.end()) {
      row.previous = it->second->value;
      row.changed_beyond_chance = value.value() != nullptr && Apart(*value.value(), *it->second);
    }
    if (const auto it = signals.find(value.area); it != signals.end()) row.signals = it->second;
    funnel.Place(&row);
    if (without_attribute.contains(value.area)) row.outlier_status = v1::OUTLIER_STATUS_ATTRIBUTE_UNKNOWN;
  }
}

}  // namespace

Result<Comparison> Query::Compare(const v1::CompareMunicipalitiesRequest& request,
                                  const MunicipalityData& data) const {
  const EditionScope one;
  KPR_ASSIGN_OR_RETURN(const ResolvedIndicator resolved, Resolve(request.indicator(), request.version()));
  const v1::Definition& definition = resolved.definition();
  const bool proportion = definition.kind() == v1::KIND_PROPORTION;
  if (!proportion && definition.kind() != v1::KIND_RATE)
    return Invalid(fmt::format("indicator: {}: only a PROPORTION or RATE can be compared", definition.id()));
  const auto period = Period::Parse(request.period());
  if (!period) return Invalid("period: expected 2024, 2024-T1 or 2024-02");
  // In one structure, so that the period before exists for codes that have changed.
  const int structure_year = request.structure_year() == 0
                                 ? std::max(period->last().year(), Structure::kFirstYear)
                                 : static_cast<int>(request.structure_year());
  KPR_ASSIGN_OR_RETURN(const HeldAttributes held,
                       AttributesOf(request, data, period->last().year(), structure_year));
  // All of one state.
  KPR_ASSIGN_OR_RETURN(const auto source, SourceFor(resolved, v1::GetIndicatorValuesRequest()));
  const auto get = [&](v1::Level level, const Period& from, const Period& to, bool strata) {
    v1::GetIndicatorValuesRequest g;
    g.set_indicator(definition.id());
    g.set_version(definition.version());
    g.set_from_period(from.ToString());
    g.set_to_period(to.ToString());
    g.set_structure_year(static_cast<uint32_t>(structure_year));
    g.set_level(level);
    g.set_by_sex(strata);
    g.set_by_age(strata);
    return TableFrom(resolved, *source, g);
  };
  const Period before{period->kind, period->ordinal - 1}, first{period->kind, period->ordinal - kSeries + 1};
  Tables t;
  KPR_ASSIGN_OR_RETURN(t.country, get(v1::LEVEL_COUNTRY, *period, *period, false));
  KPR_ASSIGN_OR_RETURN(t.values, get(v1::LEVEL_MUNICIPALITY, *period, *period, false));
  KPR_ASSIGN_OR_RETURN(t.strata, get(v1::LEVEL_MUNICIPALITY, *period, *period, true));
  KPR_ASSIGN_OR_RETURN(t.previous, get(v1::LEVEL_MUNICIPALITY, before, before, false));
  KPR_ASSIGN_OR_RETURN(t.size_groups, get(v1::LEVEL_SIZE_GROUP, *period, *period, false));
  KPR_ASSIGN_OR_RETURN(t.series, get(v1::LEVEL_MUNICIPALITY, first, *period, false));
  Comparison comparison;
  comparison.definition = resolved.shared_definition();
  comparison.period = period->ToString();
  comparison.positions = source->positions();
  comparison.structure_year = structure_year;
  comparison.code_lists = EditionInUse().version;
  comparison.adjust_by.assign(request.adjust_by().begin(), request.adjust_by().end());
  comparison.group_by = request.group_by();
  if (!held.adjust_by.empty() || held.group_by) comparison.attributes = data.version;
  if (t.country.rows.size() == 1) comparison.country = t.country.rows.front();
  if (t.country.horizon.days == 0) return comparison;

  std::map<std::string, Standardised> areas = Standardise(t.strata);
  areas.erase(kNotAllocated);
  std::set<std::string> without_attribute;
  if (!held.adjust_by.empty()) {
    KPR_ASSIGN_OR_RETURN(AdjustedAreas adjusted, AdjustByAttributes(areas, held.adjust_by, proportion));
    areas.swap(adjusted.areas);
    without_attribute.swap(adjusted.not_known);
  }
  const Funnel funnel(areas, proportion);
  comparison.dispersion = funnel.spread().phi;
  comparison.variance_between = funnel.spread().tau2;
  Groups groups;
  if (held.group_by) {
    groups = GroupsByCategory(t, *held.group_by, definition.scale() == 0 ? 1 : definition.scale());
  } else {
    KPR_ASSIGN_OR_RETURN(groups, SizeGroupsOf(t, *source, structure_year, *period));
  }
  PlaceMunicipalities(t, groups, funnel, without_attribute, request, &comparison);
  return comparison;
}

}  // namespace kpr
