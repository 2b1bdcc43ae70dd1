#include "indicators/statistics/difference_in_differences.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace kpr {
namespace {

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of the changes of one group's areas. The variance is that of HC2: each residual by what its area weighs.
struct GroupMean {
  double mean = 0, variance = 0;
  double areas = 0;  // as many with equal weights would tell as much (Kish)
};

GroupMean MeanOf(std::span<const PanelArea> areas, const std::vector<double>& changes, bool members) {
  GroupMean group;
  double weights = 0, squares = 0, sum = 0;
  for (size_t i = 0; i < areas.size(); ++i) {
    if (areas[i].member != members) continue;
    weights += areas[i].weight;
    squares += areas[i].weight * areas[i].weight;
    sum += areas[i].weight * changes[i];
  }
  group.mean = sum / weights;
  group.areas = weights * weights / squares;
  for (size_t i = 0; i < areas.size(); ++i) {
    if (areas[i].member != members) continue;
    const double share = areas[i].weight / weights;
    const double residual = share * (changes[i] - group.mean);
    group.variance += residual * residual / (1 - share);
  }
  return group;
}

class Estimator {
 public:
  Estimator(std::span<const PanelArea> areas, double confidence) : areas_(areas), confidence_(confidence) {}

  Difference Of(const std::vector<double>& changes) const {
    const GroupMean members = MeanOf(areas_, changes, true), others = MeanOf(areas_, changes, false);
    const double variance = members.variance + others.variance;
    Difference difference;
    difference.estimate = members.mean - others.mean;
    difference.standard_error = std::sqrt(variance);
    // What each group's variance is expected to be, where areas vary alike.
    const double m = 1 / members.areas, o = 1 / others.areas;
    const double freedom = (m + o) * (m + o) / (m * m / (members.areas - 1) + o * o / (others.areas - 1));
    const double reach = difference.standard_error *
                         boost::math::quantile(boost::math::students_t(freedom), (1 + confidence_) / 2);
    difference.interval = {difference.estimate - reach, difference.estimate + reach};
    return difference;
  }

  template <typename ChangeOf>
  std::vector<double> Changes(ChangeOf change_of) const {
    std::vector<double> changes;
    for (const PanelArea& area : areas_) changes.push_back(change_of(area.values));
    return changes;
  }

 private:
  std::span<const PanelArea> areas_;
  double confidence_;
};

}  // namespace

std::optional<DifferenceInDifferences> EstimateDifference(std::span<const PanelArea> areas, size_t begins,
                                                          double confidence) {
  const auto members = static_cast<size_t>(
      std::count_if(areas.begin(), areas.end(), [](const PanelArea& area) { return area.member; }));
  if (members < 2 || areas.size() - members < 2) return std::nullopt;
  const size_t periods = areas.front().values.size();
  if (begins == 0 || begins >= periods) return std::nullopt;
  const Estimator estimator(areas, confidence);
  DifferenceInDifferences result;
  result.effect = estimator.Of(estimator.Changes([&](std::span<const double> values) {
    return Mean(values.subspan(begins)) - Mean(values.first(begins));
  }));
  for (size_t period = 0; period < periods; ++period) {
    const std::vector<double> now = estimator.Changes([&](const auto& values) { return values[period]; });
    TrendPoint& point = result.trend.emplace_back();
    point.members = MeanOf(areas, now, true).mean;
    point.others = MeanOf(areas, now, false).mean;
    point.difference = estimator.Of(
        estimator.Changes([&](const auto& values) { return values[period] - values[begins - 1]; }));
  }
  return result;
}

}  // namespace kpr
