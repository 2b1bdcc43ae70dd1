#include "indicators/statistics/interval.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace kpr {
namespace {

bool Inside(double level) {
  return level > 0 && level < 1;
}

double ChiSquared(double p, double freedom) {
  return boost::math::quantile(boost::math::chi_squared(freedom), p);
}

}  // namespace

double TwoSidedZ(double level) {
  if (level == 0.95) return 1.959963984540054;  // asked for millions of times
  return boost::math::quantile(boost::math::normal(), 1 - (1 - level) / 2);
}

std::optional<Interval> WilsonInterval(int64_t x, int64_t n, double level) {
  if (n <= 0 || x < 0 || x > n || !Inside(level)) return std::nullopt;
  const double z = TwoSidedZ(level), count = static_cast<double>(n), p = static_cast<double>(x) / count;
  const double denominator = 1 + z * z / count;
  const double center = p + z * z / (2 * count);
  const double spread = z * std::sqrt(p * (1 - p) / count + z * z / (4 * count * count));
  return Interval{x == 0 ? 0 : (center - spread) / denominator, x == n ? 1 : (center + spread) / denominator};
}

std::optional<Interval> ClopperPearsonInterval(int64_t x, int64_t n, double level) {
  if (n <= 0 || x < 0 || x > n || !Inside(level)) return std::nullopt;
  using Binomial = boost::math::binomial_distribution<>;
  const double half = (1 - level) / 2, trials = static_cast<double>(n), successes = static_cast<double>(x);
  return Interval{Binomial::find_lower_bound_on_p(trials, successes, half),
                  Binomial::find_upper_bound_on_p(trials, successes, half)};
}

std::optional<Interval> ByarInterval(double count, double level) {
  if (count < 0 || !Inside(level)) return std::nullopt;
  const double z = TwoSidedZ(level), above = count + 1;
  const double lower = count == 0 ? 0 : count * std::pow(1 - 1 / (9 * count) - z / (3 * std::sqrt(count)), 3);
  return Interval{lower, above * std::pow(1 - 1 / (9 * above) + z / (3 * std::sqrt(above)), 3)};
}

std::optional<Interval> PoissonInterval(double count, double level) {
  if (count < 0 || !Inside(level)) return std::nullopt;
  const double half = (1 - level) / 2;
  return Interval{count == 0 ? 0 : ChiSquared(half, 2 * count) / 2, ChiSquared(1 - half, 2 * count + 2) / 2};
}

std::optional<Interval> MeanInterval(int64_t n, double sum, double sum_of_squares, double level) {
  if (n < 2 || !Inside(level)) return std::nullopt;
  const double count = static_cast<double>(n), mean = sum / count;
  const double variance = std::max(0.0, (sum_of_squares - sum * mean) / (count - 1));
  const double spread = TwoSidedZ(level) * std::sqrt(variance / count);
  return Interval{mean - spread, mean + spread};
}

}  // namespace kpr
