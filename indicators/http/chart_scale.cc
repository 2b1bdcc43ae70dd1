#include "indicators/http/chart_scale.h"

#include <algorithm>
#include <cmath>

namespace kpr::http {

std::vector<double> ChartScale::Ticks() const {
  std::vector<double> ticks;
  for (int i = 0; low + i * step <= high + step / 1000; ++i) {
    const double tick = low + i * step;
    ticks.push_back(std::abs(tick) < step / 1000 ? 0 : tick);
  }
  return ticks;
}

int ChartScale::Decimals() const {
  return std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
}

ChartScale ScaleOf(const std::vector<double>& values, std::optional<double> most, double from, double to) {
  ChartScale scale;
  scale.from = from;
  scale.to = to;
  if (values.empty()) return scale;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  double low = *least, high = *greatest;
  if (low >= 0 && low < (high - low) * 2) low = 0;
  // Small differences do not fill the chart.
  if (high - low < std::abs(high) * 0.1 || high == low) {
    const double room = high == 0 ? 1 : std::abs(high) * 0.05;
    low = *least >= 0 ? std::max(0.0, low - room) : low - room;
    high = most && *greatest <= *most ? std::min(*most, high + room) : high + room;
  }
  const double rough = (high - low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  scale.step = power * (rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
  scale.low = std::floor(low / scale.step + 1e-9) * scale.step;
  scale.high = std::ceil(high / scale.step - 1e-9) * scale.step;
  if (most && *greatest <= *most) scale.high = std::min(scale.high, *most);
  return scale;
}

}  // namespace kpr::http
