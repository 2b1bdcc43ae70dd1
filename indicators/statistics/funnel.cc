#include "indicators/statistics/funnel.h"

#include <algorithm>
#include <cmath>

#include "indicators/statistics/percentile.h"

namespace kpr {
namespace {

constexpr double kMostProportion = 0.999;

}  // namespace

AreaCount ScaleProportion(const AreaCount& count, double at_risk) {
  const double p = at_risk > 0 ? std::min(count.expected / at_risk, kMostProportion) : 0;
  return {count.observed / (1 - p), count.expected / (1 - p)};
}

AreaValue RootRatioOf(const AreaCount& count) {
  return {std::sqrt(count.observed / count.expected), 1 / (4 * count.expected)};
}

Overdispersion EstimateOverdispersion(std::span<const AreaCount> areas, double winsorised) {
  Overdispersion result;
  if (areas.size() < 2) return result;
  std::vector<double> z;
  for (const AreaCount& area : areas) z.push_back(2 * (std::sqrt(area.observed) - std::sqrt(area.expected)));
  if (winsorised > 0) {
    const double low = Quantile(z, winsorised), high = Quantile(z, 1 - winsorised);
    for (double& value : z) value = std::clamp(value, low, high);
  }
  double squares = 0, weights = 0, weights_squared = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    const double weight = 4 * areas[i].expected;
    squares += z[i] * z[i];
    weights += weight;
    weights_squared += weight * weight;
  }
  const double n = static_cast<double>(z.size()), spread = weights - weights_squared / weights;
  result.phi = squares / n;
  result.tau2 = spread <= 0 ? 0 : std::max(0.0, (squares - (n - 1)) / spread);
  return result;
}

Interval FunnelLimits(double expected, double tau2, double confidence) {
  const double reach = TwoSidedZ(confidence) * std::sqrt(1 / (4 * expected) + tau2);
  const double low = std::max(0.0, 1 - reach);
  return {low * low, (1 + reach) * (1 + reach)};
}

OutlierStatus OutlierStatusOf(double ratio, const Interval& warning, const Interval& alarm) {
  if (ratio > alarm.upper) return OutlierStatus::kVeryHigh;
  if (ratio < alarm.lower) return OutlierStatus::kVeryLow;
  if (ratio > warning.upper) return OutlierStatus::kHigh;
  return ratio < warning.lower ? OutlierStatus::kLow : OutlierStatus::kWithin;
}

std::optional<Shrinkage> EmpiricalBayes(std::span<const AreaCount> areas) {
  double observed = 0, expected = 0;
  for (const AreaCount& area : areas) {
    if (area.expected <= 0) return std::nullopt;
    observed += area.observed;
    expected += area.expected;
  }
  if (areas.empty() || observed <= 0) return std::nullopt;
  Shrinkage result;
  result.mean = observed / expected;
  double spread = 0;
  for (const AreaCount& area : areas) {
    const double difference = area.observed / area.expected - result.mean;
    spread += area.expected * difference * difference;
  }
  const double mean_size = expected / static_cast<double>(areas.size());
  result.variance = std::max(0.0, spread / expected - result.mean / mean_size);
  for (const AreaCount& area : areas) {
    const double weight = result.variance / (result.variance + result.mean / area.expected);
    result.ratios.push_back(result.mean + weight * (area.observed / area.expected - result.mean));
  }
  return result;
}

}  // namespace kpr
