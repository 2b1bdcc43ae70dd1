// A group of areas before and after something began, against the others: the two-way fixed effects estimate
// for one common beginning and a whole panel, which is the difference of the groups' mean changes. Errors are
// clustered by area with the correction for few clusters (CR2, Bell and McCaffrey 2002; here HC2 of each
// area's change); t with the degrees of freedom that Bell and McCaffrey give, of weights by Kish's effective
// number. With two members it is wider than need be. Pure.
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
  Difference difference;           // members less others, since the last period before the beginning
};

struct DifferenceInDifferences {
  Difference effect;
  std::vector<TrendPoint> trend;  // by period; at the last one before the beginning the difference is 0
};

// `begins`: the first period after it began for the members, with one before it at least. Empty where there
// are fewer than two members or two others, or no period before or from the beginning on.
std::optional<DifferenceInDifferences> EstimateDifference(std::span<const PanelArea> areas, size_t begins,
                                                          double confidence);

}  // namespace kpr
