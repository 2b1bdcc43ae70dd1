// Rates made comparable between populations of another make-up. Pure.
#pragma once

#include <optional>
#include <span>

#include "indicators/statistics/interval.h"

namespace kpr {

struct Stratum {
  double events = 0;               // observed
  double population = 0;           // at risk, > 0
  double standard_events = 0;      // of the standard population; for indirect standardisation
  double standard_population = 0;  // > 0
};

struct Standardised {
  double value = 0;
  Interval interval;
};

// Events the population would have at the standard's rates.
double ExpectedEvents(std::span<const Stratum> strata);

// Observed over expected (indirect standardisation): exact Poisson interval below ten events, Byar's from
// there. Empty where nothing is expected.
std::optional<Standardised> StandardisedRatio(double observed, double expected, double level);

// The rate the standard population would have at the strata's rates, with the interval of Dobson (1991);
// times `multiplier`. Empty below ten events: too few to standardise directly.
std::optional<Standardised> DirectlyStandardisedRate(std::span<const Stratum> strata, double multiplier,
                                                     double level);

}  // namespace kpr
