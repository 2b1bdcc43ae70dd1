// A group of areas before and after something began, against the others: the two-way fixed effects estimate
// for one common beginning and a whole panel, which is the difference of the two groups' differences, with
// standard errors clustered by area (Liang and Zeger 1986) and the small-sample factors of statsmodels and
// Stata: G / (G - 1) * (N - 1) / (N - K), t with G - 1 degrees of freedom. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "indicators/statistics/interval.h"

namespace kpr {

struct PanelArea {
  bool member = false;
  double weight = 1;           // above 0, the same in all periods
  std::vector<double> values;  // by period
};

struct Difference {
  double estimate = 0, standard_error = 0;
  Interval interval;
};

struct TrendPoint {
  double members = 0, others = 0;  // weighted means
  Difference apart;                // members less others, since the last period before the beginning
};

struct DifferenceInDifferences {
  Difference effect;
  std::vector<TrendPoint> trend;  // by period; at the last one before the beginning all is 0
};

// `begins`: the first period of the members' part, with one before it at least. Empty where there are fewer
// than two members or two others, or no period before or from the beginning on.
std::optional<DifferenceInDifferences> EstimateDifference(std::span<const PanelArea> areas, size_t begins,
                                                          double confidence);

}  // namespace kpr
