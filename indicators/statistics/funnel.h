// Which areas differ by more than chance: funnel limits with overdispersion on the square-root scale (as the
// Care Quality Commission uses it; it takes zeros), and shrinkage of small areas. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "indicators/statistics/interval.h"
#include "indicators/statistics/random_effects.h"

namespace kpr {

// Observed events and those that a common rate gives for the area's size.
struct AreaCount {
  double observed = 0;
  double expected = 0;  // > 0
};

// The counts of a proportion, scaled so that they have the variance of Poisson counts on the square-root
// scale: a binomial count has variance (1 - p) / 4 there, a Poisson count 1 / 4. `at_risk` is the
// proportion's denominator.
AreaCount ScaleProportion(const AreaCount& count, double at_risk);

// The ratio observed / expected on the scale on which chance has a known variance.
AreaValue RootRatioOf(const AreaCount& count);

struct Overdispersion {
  double phi = 1;   // mean squared z; 1 is chance alone
  double tau2 = 0;  // variance between areas on the scale, DerSimonian and Laird; 0: none
};

// `winsorised`: the share of each tail that is moved to its percentile first, 0 to 0.5.
Overdispersion EstimateOverdispersion(std::span<const AreaCount> areas, double winsorised);

// Limits of observed / expected under chance and the variance between areas.
Interval FunnelLimits(double expected, double tau2, double confidence);

enum class OutlierStatus { kWithin, kHigh, kLow, kVeryHigh, kVeryLow };
// By the warning (95 %) and alarm (99.8 %) limits.
OutlierStatus OutlierStatusOf(double ratio, const Interval& warning, const Interval& alarm);

// Global empirical Bayes (Marshall 1991): observed / expected shrunken towards the mean, the more the smaller
// the area.
struct Shrinkage {
  double mean = 0, variance = 0;
  std::vector<double> ratios;
};
std::optional<Shrinkage> EmpiricalBayes(std::span<const AreaCount> areas);

}  // namespace kpr
