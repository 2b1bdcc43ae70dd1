#include "indicators/statistics/interval.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace kpr {
namespace {

double TwoSidedZ(double level) {
  if (level == 0.95) return 1.959963984540054;  // asked for millions of times
  return boost::math::quantile(boost::math::normal(), 1 - (1 - level) / 2);
}

}  // namespace

std::optional<Interval> WilsonInterval(int64_t x, int64_t n, double level) {
  if (n <= 0 || x < 0 || x > n || level <= 0 || level >= 1) return std::nullopt;
  const double z = TwoSidedZ(level), count = static_cast<double>(n), p = static_cast<double>(x) / count;
  const double denominator = 1 + z * z / count;
  const double center = p + z * z / (2 * count);
  const double spread = z * std::sqrt(p * (1 - p) / count + z * z / (4 * count * count));
  return Interval{x == 0 ? 0 : (center - spread) / denominator, x == n ? 1 : (center + spread) / denominator};
}

std::optional<Interval> MeanInterval(int64_t n, double sum, double sum_of_squares, double level) {
  if (n < 2 || level <= 0 || level >= 1) return std::nullopt;
  const double count = static_cast<double>(n), mean = sum / count;
  const double variance = std::max(0.0, (sum_of_squares - sum * mean) / (count - 1));
  const double spread = TwoSidedZ(level) * std::sqrt(variance / count);
  return Interval{mean - spread, mean + spread};
}

std::optional<double> MedianDays(const std::map<int, int64_t>& histogram) {
  int64_t total = 0;
  for (const auto& [days, count] : histogram) total += count;
  if (total <= 0) return std::nullopt;
  const auto at = [&](int64_t rank) {
    for (const auto& [days, count] : histogram) {
      rank -= count;
      if (rank < 0) return days;
    }
    return histogram.rbegin()->first;
  };
  return (at((total - 1) / 2) + at(total / 2)) / 2.0;
}

}  // namespace kpr
