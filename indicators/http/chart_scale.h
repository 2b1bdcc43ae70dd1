// The scale of values of a chart, from one round number to another. Pure.
#pragma once

#include <optional>
#include <vector>

namespace kpr::http {

struct ChartScale {
  double low = 0, high = 1, step = 0.2;
  double from = 0, to = 1;  // pixels of low and high

  double At(double value) const { return from + (value - low) / (high - low) * (to - from); }
  std::vector<double> Ticks() const;
  int Decimals() const;  // that tell its ticks apart
};

// Of all values, and of zero where they are near it. Below zero, or above `most`, only where a value is.
ChartScale ScaleOf(const std::vector<double>& values, std::optional<double> most, double from, double to);

}  // namespace kpr::http
