#include "indicators/statistics/funnel.h"

#include <algorithm>
#include <cmath>

namespace kpr {
namespace {

// Hyndman and Fan's type 7, as in R.
double Quantile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(std::floor(at));
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace

std::vector<double> FunnelZ(std::span<const Unit> units, FunnelScale scale) {
  std::vector<double> z;
  for (const Unit& unit : units) {
    z.push_back(scale == FunnelScale::kLogarithm
                    ? std::sqrt(unit.expected) * std::log(unit.observed / unit.expected)
                    : 2 * (std::sqrt(unit.observed) - std::sqrt(unit.expected)));
  }
  return z;
}

Overdispersion EstimateOverdispersion(std::span<const Unit> units, FunnelScale scale, double winsorised) {
  Overdispersion result;
  if (units.size() < 2) return result;
  std::vector<double> z = FunnelZ(units, scale);
  if (winsorised > 0) {
    const double low = Quantile(z, winsorised), high = Quantile(z, 1 - winsorised);
    for (double& value : z) value = std::clamp(value, low, high);
  }
  double squares = 0, weights = 0, weights_squared = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    const double weight = units[i].expected * (scale == FunnelScale::kLogarithm ? 1 : 4);
    squares += z[i] * z[i];
    weights += weight;
    weights_squared += weight * weight;
  }
  const double n = static_cast<double>(z.size()), spread = weights - weights_squared / weights;
  result.phi = squares / n;
  result.tau2 = spread <= 0 ? 0 : std::max(0.0, (squares - (n - 1)) / spread);
  return result;
}

std::optional<Interval> PoissonFunnelLimits(double expected, double level) {
  if (expected <= 0) return std::nullopt;
  const auto limits = PoissonInterval(expected, level);
  if (!limits) return std::nullopt;
  return Interval{limits->lower / expected, limits->upper / expected};
}

std::optional<Interval> ProportionFunnelLimits(double target, double n, double level) {
  if (n <= 0 || target < 0 || target > 1) return std::nullopt;
  const double spread = TwoSidedZ(level) * std::sqrt(target * (1 - target) / n);
  return Interval{target - spread, target + spread};
}

std::optional<Shrinkage> EmpiricalBayes(std::span<const Unit> units) {
  double observed = 0, expected = 0;
  for (const Unit& unit : units) {
    if (unit.expected <= 0) return std::nullopt;
    observed += unit.observed;
    expected += unit.expected;
  }
  if (units.empty() || observed <= 0) return std::nullopt;
  Shrinkage result;
  result.mean = observed / expected;
  double spread = 0;
  for (const Unit& unit : units) {
    const double difference = unit.observed / unit.expected - result.mean;
    spread += unit.expected * difference * difference;
  }
  const double mean_size = expected / static_cast<double>(units.size());
  result.variance = std::max(0.0, spread / expected - result.mean / mean_size);
  for (const Unit& unit : units) {
    const double weight = result.variance / (result.variance + result.mean / unit.expected);
    result.ratios.push_back(result.mean + weight * (unit.observed / unit.expected - result.mean));
  }
  return result;
}

}  // namespace kpr
