// Intervals and medians of counted figures. Pure; doubles only at this edge.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace kpr {

struct Interval {
  double lower = 0, upper = 0;
};

// Wilson's score interval of a proportion x of n, 0 <= x <= n, n > 0, without continuity correction
// (Wilson 1927). `level` inside (0, 1), e.g. 0.95. Empty for other input.
std::optional<Interval> WilsonInterval(int64_t x, int64_t n, double level);

// Normal interval of a mean from count, sum and sum of squares; needs n >= 2.
std::optional<Interval> MeanInterval(int64_t n, double sum, double sum_of_squares, double level);

// Median of whole days from a histogram (days to count); the mean of the middle two for an even count.
std::optional<double> MedianDays(const std::map<int, int64_t>& histogram);

}  // namespace kpr
