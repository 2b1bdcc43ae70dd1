// Medians and percentiles. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace kpr {

// The value below which the share `p`, inside (0, 1), of the days lie, from a histogram (days to count): the
// inverse of the distribution, averaged where it jumps (Hyndman and Fan 1996, type 2). The median of an even
// count is so the mean of the middle two. Empty for an empty histogram.
std::optional<double> Percentile(const std::map<int, int64_t>& histogram, double p);

// Of numbers, at least one, `p` inside [0, 1] (type 7, as R's default).
double Quantile(std::vector<double> values, double p);

}  // namespace kpr
