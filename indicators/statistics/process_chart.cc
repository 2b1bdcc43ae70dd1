#include "indicators/statistics/process_chart.h"

#include <cmath>

namespace kpr {
namespace {

constexpr size_t kRun = 7;

}  // namespace

std::optional<ProcessChart> IndividualsChart(std::span<const double> points) {
  if (points.size() < 2) return std::nullopt;
  double sum = points[0], ranges = 0;
  for (size_t i = 1; i < points.size(); ++i) {
    sum += points[i];
    ranges += std::abs(points[i] - points[i - 1]);
  }
  const double center = sum / static_cast<double>(points.size());
  const double reach = 2.66 * ranges / static_cast<double>(points.size() - 1);
  return ProcessChart{center, center - reach, center + reach};
}

std::vector<SignalAt> FindSignals(std::span<const double> points, const ProcessChart& chart) {
  std::vector<SignalAt> signals;
  size_t above = 0, below = 0, rising = 1, falling = 1;
  const double warning = (chart.upper - chart.center) * 2 / 3;
  for (size_t i = 0; i < points.size(); ++i) {
    const double x = points[i];
    if (x > chart.upper || x < chart.lower) signals.push_back({i, Signal::kBeyondLimits, x > chart.upper});
    above = x > chart.center ? above + 1 : 0;
    below = x < chart.center ? below + 1 : 0;
    if (above >= kRun || below >= kRun) signals.push_back({i, Signal::kShift, above >= kRun});
    if (i > 0) {
      rising = x > points[i - 1] ? rising + 1 : 1;
      falling = x < points[i - 1] ? falling + 1 : 1;
    }
    if (rising >= kRun || falling >= kRun) signals.push_back({i, Signal::kTrend, rising >= kRun});
    if (i < 2) continue;
    int high = 0, low = 0;
    for (size_t k = i - 2; k <= i; ++k) {
      high += points[k] > chart.center + warning;
      low += points[k] < chart.center - warning;
    }
    if (high >= 2 || low >= 2) signals.push_back({i, Signal::kTwoOfThree, high >= 2});
  }
  return signals;
}

}  // namespace kpr
