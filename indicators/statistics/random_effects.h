// Random-effects regression of areas whose sampling variances are known (meta-regression): y = Xb + u + e,
// where e has each area's own variance and u one that all share, tau2. tau2 is the one at which the weighted
// squares of the residuals are as many as their degrees of freedom (Paule and Mandel 1982; DerSimonian and
// Kacker 2007 with covariates), its interval those at which the squares are their distribution's quantiles
// (Q-profile, Viechtbauer 2007). Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "indicators/statistics/interval.h"

namespace kpr {

struct AreaValue {
  double value = 0;
  double variance = 0;  // of sampling, above 0
};

// A covariate by area. The intercept is not among them.
using Covariate = std::vector<double>;

struct RandomEffects {
  double tau2 = 0;
  Interval tau2_interval;
  double freedom = 0;
  std::vector<double> coefficients;              // the intercept, then by covariate
  std::vector<std::vector<double>> covariances;  // of these
};

// Empty where covariates are collinear, or no degree of freedom is left.
std::optional<RandomEffects> FitRandomEffects(std::span<const AreaValue> areas,
                                              std::span<const Covariate> covariates, double confidence);

// tau2 alone. Collinear covariates count once; 0 where no degree of freedom is left.
double EstimateTau2(std::span<const AreaValue> areas, std::span<const Covariate> covariates);

// Whether a covariate says nothing that the intercept and the others do not say.
bool Collinear(size_t areas, std::span<const Covariate> covariates);

// The variance that a typical area's sampling has (Higgins and Thompson 2002); needs two areas.
double TypicalSamplingVariance(std::span<const AreaValue> areas);

}  // namespace kpr
