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

bool AllKnown(const std::vector<KnownAttribute>& attributes, const std::string& area) {
  return std::all_of(attributes.begin(), attributes.end(),
                     [&](const KnownAttribute& attribute) { return attribute.Knows(area); });
}

// Those with enough expected events of which each attribute is known.
std::vector<std::string> FittedAreas(const std::map<std::string, Standardised>& areas,
                                     const std::vector<KnownAttribute>& attributes, bool proportion) {
  std::vector<std::string> fitted;
  for (const auto& [area, s] : areas) {
    if (Enough(s, proportion) && AllKnown(attributes, area)) fitted.push_back(area);
  }
  return fitted;
}

// The fitted root ratio of each.
Result<std::vector<double>> FitRoots(const std::map<std::string, Standardised>& areas, bool proportion,
                                     const std::vector<std::string>& fitted,
                                     const std::vector<Attribute>& attributes) {
  std::vector<AreaValue> ratios;
  for (const std::string& area : fitted) {
    const Standardised& s = areas.at(area);
    const AreaCount count{s.observed, s.expected};
    ratios.push_back(RootRatioOf(proportion ? ScaleProportion(count, s.at_risk) : count));
  }
  std::vector<Covariate> columns;
  for (const Attribute& attribute : attributes) {
    for (const AttributeCovariate& covariate : attribute.covariates) columns.push_back(covariate.values);
  }
  const auto fit = FitRandomEffects(ratios, columns, kIntervalUnused);
  if (!fit) return FailedPrecondition("adjust_by: nothing is left that the attributes could go with");
  std::vector<double> roots;
  for (size_t i = 0; i < fitted.size(); ++i) {
    double root = fit->coefficients[0];
    for (size_t k = 0; k < columns.size(); ++k) root += fit->coefficients[k + 1] * columns[k][i];
    roots.push_back(root);
  }
  return roots;
}

}  // namespace

Result<AdjustedAreas> AdjustByAttributes(const std::map<std::string, Standardised>& areas,
                                         std::vector<KnownAttribute> attributes, bool proportion) {
  std::vector<std::string> fitted = FittedAreas(areas, attributes, proportion);
  while (ForgetSmallCategories(fitted, &attributes)) fitted = FittedAreas(areas, attributes, proportion);
  KPR_ASSIGN_OR_RETURN(const std::vector<Attribute> covariates, CovariatesOf(attributes, fitted));
  KPR_ASSIGN_OR_RETURN(const std::vector<double> roots, FitRoots(areas, proportion, fitted, covariates));
  AdjustedAreas adjusted;
  double observed = 0, expected = 0;
  for (size_t i = 0; i < fitted.size(); ++i) {
    if (roots[i] <= 0) continue;  // beyond what the line can say
    Standardised row = areas.at(fitted[i]);
    row.expected *= roots[i] * roots[i];
    adjusted.areas[fitted[i]] = row;
    observed += row.observed;
    expected += row.expected;
  }
  for (auto& [area, row] : adjusted.areas) row.expected *= observed / expected;
  std::erase_if(adjusted.areas, [&](const auto& area) { return !Enough(area.second, proportion); });
  for (const auto& [area, s] : areas) {
    if (!AllKnown(attributes, area)) adjusted.not_known.insert(area);
  }
  return adjusted;
}

}  // namespace kpr
