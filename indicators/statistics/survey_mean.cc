#include "indicators/statistics/survey_mean.h"

#include <algorithm>
#include <cmath>

namespace kpr {

std::optional<SampleMean> StratifiedMean(std::span<const SampleStratum> strata) {
  double population = 0, sum = 0, variance = 0;
  for (const SampleStratum& s : strata) {
    if (s.answered <= 0) continue;
    const double n = static_cast<double>(s.answered), mean = s.sum / n;
    const double size = std::max(s.population, n);
    population += size;
    sum += size * mean;
    if (s.answered < 2) continue;
    const double spread = std::max(0.0, (s.sum_of_squares - s.sum * mean) / (n - 1));
    variance += size * size * (1 - n / size) * spread / n;
  }
  if (population <= 0) return std::nullopt;
  return SampleMean{sum / population, std::sqrt(variance) / population};
}

}  // namespace kpr
