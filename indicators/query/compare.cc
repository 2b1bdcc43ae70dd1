// Municipalities on a funnel: each against what the country's rates by sex and age would give it.
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>

#include "indicators/engine/axis.h"
#include "indicators/query/query.h"
#include "indicators/query/rollup.h"
#include "indicators/statistics/funnel.h"
#include "indicators/statistics/process_chart.h"

namespace kpr {
namespace {

constexpr double kWarning = 0.95, kAlarm = 0.998, kWinsorised = 0.1;
constexpr double kFewExpected = 5;  // the square root is not normal below
constexpr int kSeries = 24;

struct Counts {
  double observed = 0, at_risk = 0, expected = 0;
};

using Stratum = std::pair<std::string, std::string>;  // sex, age

// The country's rate in each stratum, and what it gives each municipality.
std::map<std::string, Counts> Standardise(const v1::GetResponse& strata) {
  std::map<Stratum, Counts> country;
  for (const v1::Value& v : strata.values()) {
    Counts& c = country[{v.sex(), v.age()}];
    c.observed += v.numerator();
    c.at_risk += v.denominator();
  }
  std::map<std::string, Counts> counts;
  for (const v1::Value& v : strata.values()) {
    const Counts& of_country = country[{v.sex(), v.age()}];
    Counts& c = counts[v.area()];
    c.observed += v.numerator();
    c.at_risk += v.denominator();
    if (of_country.at_risk > 0) c.expected += v.denominator() * of_country.observed / of_country.at_risk;
  }
  return counts;
}

// On the square-root scale a Poisson count has variance 1/4 and a binomial one (1 - p)/4: a proportion's
// counts are blown up until they have the former's.
Unit UnitOf(const Counts& c, bool proportion) {
  const double p = proportion && c.at_risk > 0 ? std::min(c.expected / c.at_risk, 0.999) : 0;
  return {c.observed / (1 - p), c.expected / (1 - p)};
}

Interval Limits(const Unit& unit, double tau2, double level) {
  const double reach = TwoSidedZ(level) * std::sqrt(1 / (4 * unit.expected) + tau2);
  const double low = std::max(0.0, 1 - reach);
  return {low * low, (1 + reach) * (1 + reach)};
}

std::string Verdict(double ratio, const Interval& warning, const Interval& alarm) {
  if (ratio > alarm.upper) return "VERY_HIGH";
  if (ratio < alarm.lower) return "VERY_LOW";
  if (ratio > warning.upper) return "HIGH";
  return ratio < warning.lower ? "LOW" : "WITHIN";
}

const char* NameOf(Signal signal) {
  switch (signal) {
    case Signal::kBeyondLimits:
      return "BEYOND_LIMITS";
    case Signal::kShift:
      return "SHIFT";
    case Signal::kTrend:
      return "TREND";
    case Signal::kTwoOfThree:
      return "TWO_OF_THREE";
  }
  return "";
}

// Of the newest point of each municipality's series; those with a hole have none.
std::map<std::string, std::vector<std::string>> SignalsOf(const v1::GetResponse& series) {
  std::map<std::string, std::vector<double>> points;
  std::map<std::string, bool> holes;
  for (const v1::Value& v : series.values()) {
    if (v.has_value()) points[v.area()].push_back(v.value());
    holes[v.area()] = holes[v.area()] || !v.has_value();
  }
  std::map<std::string, std::vector<std::string>> signals;
  for (const auto& [area, x] : points) {
    const auto chart = IndividualsChart(x);
    if (holes[area] || !chart || x.size() < 8) continue;
    for (const SignalAt& s : FindSignals(x, *chart)) {
      if (s.point + 1 == x.size()) signals[area].push_back(NameOf(s.signal));
    }
  }
  return signals;
}

std::map<std::string, const v1::Value*> ByArea(const v1::GetResponse& response) {
  std::map<std::string, const v1::Value*> values;
  for (const v1::Value& v : response.values()) values[v.area()] = &v;
  return values;
}

}  // namespace

Result<v1::CompareResponse> Query::Compare(const v1::CompareRequest& request) const {
  KPR_ASSIGN_OR_RETURN(const Chosen chosen, Choose(request.indicator(), request.version()));
  const v1::Definition& definition = chosen.definition();
  const bool proportion = definition.kind() == v1::PROPORTION;
  if (!proportion && definition.kind() != v1::RATE)
    return Invalid(fmt::format("{}: only a PROPORTION or RATE can be compared", definition.id()));
  const auto period = Period::Parse(request.period());
  if (!period) return Invalid("period: expected 2024, 2024-T1 or 2024-02");
  // In one structure, so that the period before is there for codes that have changed.
  const int structure_year = request.structure_year() == 0
                                 ? std::max(period->last().year(), Structure::kFirstYear)
                                 : static_cast<int>(request.structure_year());
  const auto get = [&](v1::Level level, const Period& from, const Period& to, bool strata) {
    v1::GetRequest g;
    g.set_indicator(definition.id());
    g.set_version(definition.version());
    g.set_from_period(from.ToString());
    g.set_to_period(to.ToString());
    g.set_structure_year(static_cast<uint32_t>(structure_year));
    g.set_level(level);
    g.set_by_sex(strata);
    g.set_by_age(strata);
    return Get(g);
  };
  const Period before{period->kind, period->ordinal - 1}, first{period->kind, period->ordinal - kSeries + 1};
  KPR_ASSIGN_OR_RETURN(const auto country, get(v1::COUNTRY, *period, *period, false));
  KPR_ASSIGN_OR_RETURN(const auto values, get(v1::MUNICIPALITY, *period, *period, false));
  KPR_ASSIGN_OR_RETURN(const auto strata, get(v1::MUNICIPALITY, *period, *period, true));
  KPR_ASSIGN_OR_RETURN(const auto previous, get(v1::MUNICIPALITY, before, before, false));
  KPR_ASSIGN_OR_RETURN(const auto peers, get(v1::SIZE_GROUP, *period, *period, false));
  KPR_ASSIGN_OR_RETURN(const auto series, get(v1::MUNICIPALITY, first, *period, false));
  v1::CompareResponse response;
  response.set_indicator(definition.id());
  response.set_version(definition.version());
  response.set_unit(definition.unit());
  response.set_period(period->ToString());
  if (country.values_size() == 1) *response.mutable_country() = country.values(0);
  if (country.horizon().empty()) return response;

  const auto counts = Standardise(strata);
  std::vector<Unit> units;
  std::vector<std::string> areas;
  for (const auto& [area, c] : counts) {
    if (area == "0000" || c.expected <= 0) continue;
    areas.push_back(area);
    units.push_back(UnitOf(c, proportion));
  }
  const Overdispersion spread = EstimateOverdispersion(units, FunnelScale::kSquareRoot, kWinsorised);
  const auto shrunken = EmpiricalBayes(units);
  response.set_dispersion(spread.phi);
  response.set_variance_between(spread.tau2);
  const auto last_values = ByArea(previous), group_values = ByArea(peers);
  const auto signals = SignalsOf(series);
  KPR_ASSIGN_OR_RETURN(const std::shared_ptr<const CellSource> source, SourceFor(chosen, v1::GetRequest()));
  KPR_ASSIGN_OR_RETURN(const Background background, Background::Read(*source, false));
  std::map<std::string, size_t> place;
  for (size_t i = 0; i < areas.size(); ++i) place[areas[i]] = i;
  const std::set<std::string> shown(request.areas().begin(), request.areas().end());
  const Structure& structure = Structure::Of(structure_year);
  const int month = MonthOf(std::min(period->last(), source->horizon()));
  for (const v1::Value& v : values.values()) {
    if (v.area() == "0000" || (!shown.empty() && !shown.contains(v.area()))) continue;
    v1::Compared* row = response.add_municipalities();
    row->set_area(v.area());
    row->set_area_name(v.area_name());
    const auto group = background.SizeGroupOf(*Municipality::Parse(v.area()), structure, month);
    row->set_size_group(group ? SizeGroupName(*group) : "unknown");
    if (v.has_value()) row->set_value(v.value());
    if (v.has_lower()) row->set_lower(v.lower());
    if (v.has_upper()) row->set_upper(v.upper());
    if (const auto peer = group_values.find(row->size_group());
        peer != group_values.end() && peer->second->has_value())
      row->set_peers(peer->second->value());
    if (const auto last = last_values.find(v.area());
        last != last_values.end() && last->second->has_value()) {
      row->set_previous(last->second->value());
      row->set_changed_beyond_chance(
          v.has_lower() && last->second->has_lower() &&
          (v.lower() > last->second->upper() || v.upper() < last->second->lower()));
    }
    if (const auto s = signals.find(v.area()); s != signals.end())
      *row->mutable_signals() = {s->second.begin(), s->second.end()};
    const auto at = place.find(v.area());
    if (at == place.end()) {
      row->set_verdict("TOO_FEW");
      continue;
    }
    const Counts& c = counts.at(v.area());
    const Interval warning = Limits(units[at->second], spread.tau2, kWarning),
                   alarm = Limits(units[at->second], spread.tau2, kAlarm);
    row->set_observed(c.observed);
    row->set_expected(c.expected);
    row->set_ratio(c.observed / c.expected);
    row->set_warning_low(warning.lower);
    row->set_warning_high(warning.upper);
    row->set_alarm_low(alarm.lower);
    row->set_alarm_high(alarm.upper);
    if (shrunken) row->set_shrunken(shrunken->ratios[at->second]);
    row->set_verdict(c.expected < kFewExpected ? "TOO_FEW" : Verdict(row->ratio(), warning, alarm));
  }
  return response;
}

}  // namespace kpr
