// What a chart shows: the cells of a question by series and by period. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indicators/http/selection.h"

namespace kpr::http {

inline constexpr size_t kChartLines = 10, kChartRows = 450;  // all municipalities and counties fit

struct Estimate {
  std::optional<double> value, lower, upper;
  std::string_view status;
};
struct ChartSeries {
  std::string name;  // of what this one has and others have not
  std::vector<Estimate> by_period;
};
struct ChartData {
  std::vector<std::string> periods;
  std::vector<int> period_places;  // in the table's list of periods
  std::vector<ChartSeries> series;
  std::string of_all;  // names of what all have in common
  const Category* measure = nullptr;

  bool OverTime() const { return periods.size() > 1; }
};

// True, or the problem.
bool ReadChart(const Cube& cube, const Selection& selection, Language language, ChartData* data,
               Problem* problem);

}  // namespace kpr::http
