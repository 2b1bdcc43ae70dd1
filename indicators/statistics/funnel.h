// What lies beyond chance: funnel limits with overdispersion, and shrinkage of small areas. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "indicators/statistics/interval.h"

namespace kpr {

// One unit: what was seen and what the target gives for its size.
struct Unit {
  double observed = 0;
  double expected = 0;  // > 0
};

// On which scale ratios are compared: the logarithm (Spiegelhalter 2005) or the square root, which bears
// zeros (as the Care Quality Commission does).
enum class FunnelScale { kLogarithm, kSquareRoot };

struct Overdispersion {
  double phi = 1;   // mean squared z; 1 is chance alone
  double tau2 = 0;  // variance between units on the scale, DerSimonian and Laird; 0: none
};

// How far units lie from the target, in standard errors.
std::vector<double> FunnelZ(std::span<const Unit> units, FunnelScale scale);
// `winsorised`: the share of each tail that is pulled in to its percentile first, 0 to 0.5.
Overdispersion EstimateOverdispersion(std::span<const Unit> units, FunnelScale scale, double winsorised);

// Limits of observed / expected under chance alone, exact Poisson (Garwood 1936).
std::optional<Interval> PoissonFunnelLimits(double expected, double level);
// Limits of a proportion under chance alone around the target, normal.
std::optional<Interval> ProportionFunnelLimits(double target, double n, double level);

// Global empirical Bayes (Marshall 1991): observed / expected drawn towards the mean, the more the smaller
// the unit.
struct Shrinkage {
  double mean = 0, variance = 0;
  std::vector<double> ratios;
};
std::optional<Shrinkage> EmpiricalBayes(std::span<const Unit> units);

}  // namespace kpr
