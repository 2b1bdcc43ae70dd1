#include "indicators/statistics/percentile.h"

#include <algorithm>
#include <cmath>

namespace kpr {

std::optional<double> Percentile(const std::map<int, int64_t>& histogram, double p) {
  int64_t total = 0;
  for (const auto& [days, count] : histogram) total += count;
  if (total <= 0 || p <= 0 || p >= 1) return std::nullopt;
  const auto at = [&](int64_t rank) {
    for (const auto& [days, count] : histogram) {
      rank -= count;
      if (rank < 0) return days;
    }
    return histogram.rbegin()->first;
  };
  const double below = p * static_cast<double>(total);
  const auto whole = static_cast<int64_t>(std::floor(below + 1e-9));
  if (std::abs(below - static_cast<double>(whole)) < 1e-9 && whole > 0)
    return (at(whole - 1) + at(whole)) / 2.0;
  return at(whole);
}

double Quantile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(std::floor(at));
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace kpr
