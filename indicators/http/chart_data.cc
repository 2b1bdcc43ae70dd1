#include "indicators/http/chart_data.h"

#include <fmt/format.h>

#include <charconv>

#include "indicators/http/json_stat.h"

namespace kpr::http {
namespace {

using Role = CubeDimension::Role;

const Category& CategoryAt(const Cube& cube, size_t dimension, int place) {
  return cube.dimensions()[dimension].categories[static_cast<size_t>(place)];
}

// The one measure of the chart; the value stands for all, and for itself with its interval.
bool FindMeasure(const Cube& cube, const Selection& selection, int* measure, Problem* problem) {
  const CubeDimension& measures = cube.dimensions().back();
  const std::vector<int>& chosen = selection.back();
  *measure = chosen.front();
  const int value = measures.Find("value"), upper = measures.Find("upper");
  const bool estimate = chosen.front() == value && chosen.back() <= upper;  // the limits follow the value
  if (chosen.size() == 1 || estimate || chosen.size() == measures.categories.size()) return true;
  *problem = {400, "a chart shows one measure: choose one", measures.code, {}};
  for (const Category& category : measures.categories) problem->allowed.push_back(category.code);
  return false;
}

// As it is written elsewhere: a chart that could be measured more finely would tell more than the table.
std::optional<double> ShownValue(const Cube& cube, const std::vector<int>& places) {
  const CubeCell cell = cube.At(places);
  if (!cell.value) return std::nullopt;
  std::string text;
  AppendNumber(*cell.value, CategoryAt(cube, places.size() - 1, places.back()).decimals, &text);
  double shown = 0;
  std::from_chars(text.data(), text.data() + text.size(), shown);
  return shown;
}

Estimate EstimateAt(const Cube& cube, std::vector<int> places) {
  Estimate estimate{ShownValue(cube, places), {}, {}, cube.At(places).status};
  const CubeDimension& measures = cube.dimensions().back();
  if (places.back() != measures.Find("value")) return estimate;
  places.back() = measures.Find("lower");
  estimate.lower = ShownValue(cube, places);
  places.back() = measures.Find("upper");
  estimate.upper = ShownValue(cube, places);
  return estimate;
}

void AddName(const std::string& name, std::string* names) {
  if (!names->empty()) *names += ", ";
  *names += name;
}

bool Fits(const ChartData& data, size_t series, Problem* problem) {
  const size_t most = data.OverTime() ? kChartLines : kChartRows;
  if (series <= most) return true;
  *problem = {
      400,
      data.OverTime()
          ? fmt::format("a chart over time shows at most {} lines, and these are {}: choose "
                        "fewer, or one period",
                        most, series)
          : fmt::format("a chart shows at most {} rows, and these are {}: choose fewer", most, series),
      {},
      {}};
  return false;
}

}  // namespace

bool ReadChart(const Cube& cube, const Selection& selection, Language language, ChartData* data,
               Problem* problem) {
  int measure = 0;
  if (!FindMeasure(cube, selection, &measure, problem)) return false;
  data->measure = &CategoryAt(cube, selection.size() - 1, measure);
  Selection each = selection;  // the first cell of each series
  each.back() = {measure};
  size_t time = 0;
  for (size_t d = 0; d + 1 < selection.size(); ++d) {
    if (cube.dimensions()[d].role == Role::kTime) {
      time = d;
      data->period_places = selection[d];
      for (const int period : selection[d]) data->periods.push_back(CategoryAt(cube, d, period).code);
    } else if (selection[d].size() == 1) {
      AddName(In(CategoryAt(cube, d, selection[d][0]).label, language), &data->of_all);
    }
  }
  each[time] = {selection[time].front()};
  if (!Fits(*data, CellsOf(each), problem)) return false;
  ForEachCell(each, [&](std::vector<int> places) {
    ChartSeries& one = data->series.emplace_back();
    for (size_t d = 0; d + 1 < places.size(); ++d) {
      if (d != time && selection[d].size() > 1)
        AddName(In(CategoryAt(cube, d, places[d]).label, language), &one.name);
    }
    for (const int period : selection[time]) {
      places[time] = period;
      one.by_period.push_back(EstimateAt(cube, places));
    }
  });
  return true;
}

}  // namespace kpr::http
