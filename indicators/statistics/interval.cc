#include "indicators/statistics/interval.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace kpr {
namespace {

bool Inside(double confidence) {
  return confidence > 0 && confidence < 1;
}

}  // namespace

double TwoSidedZ(double confidence) {
  if (confidence == 0.95) return 1.959963984540054;  // called millions of times
  return boost::math::quantile(boost::math::normal(), 1 - (1 - confidence) / 2);
}

std::optional<Interval> WilsonInterval(int64_t x, int64_t n, double confidence) {
  if (n <= 0 || x < 0 || x > n || !Inside(confidence)) return std::nullopt;
  const double z = TwoSidedZ(confidence), count = static_cast<double>(n), p = static_cast<double>(x) / count;
  const double denominator = 1 + z * z / count;
  const double center = p + z * z / (2 * count);
  const double spread = z * std::sqrt(p * (1 - p) / count + z * z / (4 * count * count));
  return Interval{x == 0 ? 0 : (center - spread) / denominator, x == n ? 1 : (center + spread) / denominator};
}

std::optional<Interval> ByarInterval(double count, double confidence) {
  if (count < 0 || !Inside(confidence)) return std::nullopt;
  const double z = TwoSidedZ(confidence), above = count + 1;
  const double lower = count == 0 ? 0 : count * std::pow(1 - 1 / (9 * count) - z / (3 * std::sqrt(count)), 3);
  return Interval{lower, above * std::pow(1 - 1 / (9 * above) + z / (3 * std::sqrt(above)), 3)};
}

std::optional<Interval> MeanInterval(int64_t n, double sum, double sum_of_squares, double confidence) {
  if (n < 2 || !Inside(confidence)) return std::nullopt;
  const double count = static_cast<double>(n), mean = sum / count;
  const double variance = std::max(0.0, (sum_of_squares - sum * mean) / (count - 1));
  const double spread = TwoSidedZ(confidence) * std::sqrt(variance / count);
  return Interval{mean - spread, mean + spread};
}

}  // namespace kpr
