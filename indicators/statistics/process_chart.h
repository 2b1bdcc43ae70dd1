// Statistical process control: individuals charts (XmR) and the four signals of "Making Data Count". Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace kpr {

struct ProcessChart {
  double center = 0;
  double lower = 0, upper = 0;  // center -+ 2.66 times the mean moving range
};

// Needs two points or more.
std::optional<ProcessChart> IndividualsChart(std::span<const double> points);

enum class Signal { kBeyondLimits, kShift, kTrend, kTwoOfThree };
struct SignalAt {
  size_t point = 0;  // the last of the run
  Signal signal{};
  bool high = false;  // upward
  bool operator==(const SignalAt&) const = default;
};

// In the order of the points: one beyond the limits; seven on one side of the center; seven that all rise or
// all fall; two of three beyond two thirds of the way to the same limit.
std::vector<SignalAt> FindSignals(std::span<const double> points, const ProcessChart& chart);

}  // namespace kpr
