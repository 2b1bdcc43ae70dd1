// What the benchmarks measure with.
#pragma once

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

#include "base/status.h"

namespace kpr {

using Steady = std::chrono::steady_clock;

inline double Since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

inline void Must(const Status& status) {
  if (status.ok()) return;
  std::cerr << "bench: " << status.message() << '\n';
  std::exit(1);
}

inline double Percentile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(p * static_cast<double>(values.size())))];
}

}  // namespace kpr
