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

// Of each area's change: the group means' difference and its clustered variance before small-sample factors.
struct GroupMeans {
  double members = 0, others = 0, variance = 0;
};

GroupMeans Compare(std::span<const PanelArea> areas, const std::vector<double>& changes) {
  double weights[2] = {}, sums[2] = {}, squares[2] = {};
  for (size_t i = 0; i < areas.size(); ++i) {
    weights[areas[i].member] += areas[i].weight;
    sums[areas[i].member] += areas[i].weight * changes[i];
  }
  const double means[2] = {sums[0] / weights[0], sums[1] / weights[1]};
  for (size_t i = 0; i < areas.size(); ++i) {
    const double score = areas[i].weight * (changes[i] - means[areas[i].member]);
    squares[areas[i].member] += score * score;
  }
  return {means[1], means[0],
          squares[0] / (weights[0] * weights[0]) + squares[1] / (weights[1] * weights[1])};
}

class Estimator {
 public:
  Estimator(std::span<const PanelArea> areas, double confidence)
      : areas_(areas),
        periods_(areas.front().values.size()),
        t_(boost::math::quantile(boost::math::students_t(static_cast<double>(areas.size()) - 1),
                                 (1 + confidence) / 2)) {}

  // `changes`: of each area. `parameters`: of the whole regression.
  Difference Of(const std::vector<double>& changes, size_t parameters) const {
    const GroupMeans means = Compare(areas_, changes);
    const auto areas = static_cast<double>(areas_.size());
    const double rows = areas * static_cast<double>(periods_);
    const double factor = areas / (areas - 1) * (rows - 1) / (rows - static_cast<double>(parameters));
    Difference difference;
    difference.estimate = means.members - means.others;
    difference.standard_error = std::sqrt(means.variance * factor);
    const double reach = t_ * difference.standard_error;
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
  size_t periods_;
  double t_;
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
  // Areas, periods but one, and the effect; or an effect for each period but one.
  const size_t effects = areas.size() + periods, by_period = areas.size() + 2 * (periods - 1);
  DifferenceInDifferences result;
  result.effect = estimator.Of(estimator.Changes([&](std::span<const double> values) {
    return Mean(values.subspan(begins)) - Mean(values.first(begins));
  }),
                               effects);
  for (size_t period = 0; period < periods; ++period) {
    const GroupMeans levels = Compare(areas, estimator.Changes([&](const auto& v) { return v[period]; }));
    TrendPoint& point = result.trend.emplace_back();
    point.members = levels.members;
    point.others = levels.others;
    if (period + 1 == begins) continue;
    point.apart = estimator.Of(
        estimator.Changes([&](const auto& values) { return values[period] - values[begins - 1]; }),
        by_period);
  }
  return result;
}

}  // namespace kpr
