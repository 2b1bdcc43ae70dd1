// Intervals of counted figures. Pure; doubles only at this edge. `confidence` is inside (0, 1), e.g. 0.95; an
// empty answer means that the input has no interval.
#pragma once

#include <cstdint>
#include <optional>

namespace kpr {

struct Interval {
  double lower = 0, upper = 0;
};

// Wilson's score interval of a proportion x of n, 0 <= x <= n, n > 0, without continuity correction
// (Wilson 1927).
std::optional<Interval> WilsonInterval(int64_t x, int64_t n, double confidence);

// Byar's interval of a count >= 0 (Breslow and Day 1987, as Public Health England computes it); good from ten
// events on.
std::optional<Interval> ByarInterval(double count, double confidence);

// Normal interval of a mean from count, sum and sum of squares; needs n >= 2.
std::optional<Interval> MeanInterval(int64_t n, double sum, double sum_of_squares, double confidence);

// The two-sided standard normal deviate: 1.96 for 0.95.
double TwoSidedZ(double confidence);

}  // namespace kpr
