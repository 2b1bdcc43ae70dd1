#include "indicators/query/adjust.h"

#include <algorithm>

#include "indicators/statistics/funnel.h"
#include "indicators/statistics/random_effects.h"

namespace kpr {
namespace {

constexpr double kIntervalUnused = 0.95;  // of intervals that are not shown

bool Enough(const Standardised& area, bool proportion) {
  return area.expected >= kFewExpected && (!proportion || area.at_risk - area.expected >= kFewExpected);
}

// Those with anything expected of which each attribute is known.
std::vector<std::string> KnownAreas(const std::map<std::string, Standardised>& areas,
                                    const std::vector<KnownAttribute>& attributes) {
  std::vector<std::string> known;
  for (const auto& [area, s] : areas) {
    const bool all = std::all_of(attributes.begin(), attributes.end(),
                                 [&, a = area](const KnownAttribute& k) { return k.Knows(a); });
    if (all && s.expected > 0) known.push_back(area);
  }
  return known;
}

// By covariate, of the areas in their order.
std::vector<Covariate> Columns(const std::vector<Attribute>& attributes) {
  std::vector<Covariate> columns;
  for (const Attribute& attribute : attributes) {
    for (const AttributeCovariate& covariate : attribute.covariates) columns.push_back(covariate.values);
  }
  return columns;
}

// The fitted root ratio of each of `known`, whose covariates are `columns`. A number's origin and step say
// nothing to a fit, so the columns may be of more areas than those it is made of.
Result<std::vector<double>> FitRoots(const std::map<std::string, Standardised>& areas, bool proportion,
                                     const std::vector<std::string>& known,
                                     const std::vector<Covariate>& columns) {
  std::vector<AreaValue> ratios;
  std::vector<Covariate> fitted(columns.size());
  for (size_t i = 0; i < known.size(); ++i) {
    const Standardised& s = areas.at(known[i]);
    if (!Enough(s, proportion)) continue;
    const AreaCount count{s.observed, s.expected};
    ratios.push_back(RootRatioOf(proportion ? ScaleProportion(count, s.at_risk) : count));
    for (size_t k = 0; k < columns.size(); ++k) fitted[k].push_back(columns[k][i]);
  }
  const auto fit = FitRandomEffects(ratios, fitted, kIntervalUnused);
  if (!fit) return FailedPrecondition("the attributes leave nothing to tell apart");
  std::vector<double> roots;
  for (size_t i = 0; i < known.size(); ++i) {
    double root = fit->coefficients[0];
    for (size_t k = 0; k < columns.size(); ++k) root += fit->coefficients[k + 1] * columns[k][i];
    roots.push_back(root);
  }
  return roots;
}

}  // namespace

Result<std::map<std::string, Standardised>> AdjustByAttributes(
    const std::map<std::string, Standardised>& areas, std::vector<KnownAttribute> attributes,
    bool proportion) {
  std::map<std::string, Standardised> enough;
  for (const auto& [area, s] : areas) {
    if (Enough(s, proportion)) enough[area] = s;
  }
  while (ForgetSmallCategories(KnownAreas(enough, attributes), &attributes)) continue;
  KPR_RETURN_IF_ERROR(CovariatesOf(attributes, KnownAreas(enough, attributes)).status());
  const std::vector<std::string> known = KnownAreas(areas, attributes);
  KPR_ASSIGN_OR_RETURN(const std::vector<Attribute> covariates, CovariatesOf(attributes, known));
  KPR_ASSIGN_OR_RETURN(const std::vector<double> roots,
                       FitRoots(areas, proportion, known, Columns(covariates)));
  std::map<std::string, Standardised> adjusted;
  double observed = 0, expected = 0;
  for (size_t i = 0; i < known.size(); ++i) {
    if (roots[i] <= 0) continue;  // beyond what the line can tell
    Standardised& row = adjusted[known[i]] = areas.at(known[i]);
    row.expected *= roots[i] * roots[i];
    observed += row.observed;
    expected += row.expected;
  }
  for (auto& [area, row] : adjusted) row.expected *= observed / expected;
  return adjusted;
}

}  // namespace kpr
