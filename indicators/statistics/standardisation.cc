#include "indicators/statistics/standardisation.h"

#include <cmath>

namespace kpr {
namespace {

constexpr double kFewEvents = 10;

}  // namespace

double ExpectedEvents(std::span<const Stratum> strata) {
  double expected = 0;
  for (const Stratum& s : strata) expected += s.population * s.standard_events / s.standard_population;
  return expected;
}

std::optional<Standardised> StandardisedRatio(double observed, double expected, double level) {
  if (expected <= 0) return std::nullopt;
  const auto interval =
      observed < kFewEvents ? PoissonInterval(observed, level) : ByarInterval(observed, level);
  if (!interval) return std::nullopt;
  return Standardised{observed / expected, {interval->lower / expected, interval->upper / expected}};
}

std::optional<Standardised> DirectlyStandardisedRate(std::span<const Stratum> strata, double multiplier,
                                                     double level) {
  double events = 0, weights = 0, rate = 0, variance = 0;
  for (const Stratum& s : strata) {
    if (s.population <= 0) return std::nullopt;
    events += s.events;
    weights += s.standard_population;
    rate += s.standard_population * s.events / s.population;
    variance += s.standard_population * s.standard_population * s.events / (s.population * s.population);
  }
  const auto count = ByarInterval(events, level);
  if (events < kFewEvents || weights <= 0 || !count) return std::nullopt;
  rate /= weights;
  const double factor = std::sqrt(variance / (weights * weights) / events);
  return Standardised{multiplier * rate,
                      {multiplier * (rate + factor * (count->lower - events)),
                       multiplier * (rate + factor * (count->upper - events))}};
}

}  // namespace kpr
