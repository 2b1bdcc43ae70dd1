// How much of the variation between areas is chance, how much goes with age and sex, with attributes of the
// areas, and what is left: variances of the ratios observed / expected on the square-root scale (funnel.h),
// where chance has a known variance. Shares of the variation of ratios at one common rate; they add up to 1.
// A share below 0 is of what takes nothing away. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "indicators/statistics/funnel.h"
#include "indicators/statistics/random_effects.h"

namespace kpr {

// An area's events beside those that one rate for everybody gives, and those that the rates by age and sex
// give, as funnels need them (ScaleProportion).
struct VariationArea {
  AreaCount at_one_rate, by_age_and_sex;
};

// By area: a number, or for a category one covariate of 0 and 1 for each value but the one it is beside.
struct AttributeCovariate {
  std::string label;
  Covariate values;
};
struct Attribute {
  std::string name;
  std::vector<AttributeCovariate> covariates;
};

struct VariationShare {
  double share = 0;
  Interval interval;
};

// Of what is expected at 1 to what is at 0, all others at 0; none where that is nothing.
struct CovariateRatio {
  std::string label;
  double ratio = 1;
  Interval interval;
};

struct AttributeVariation {
  std::string name;
  VariationShare alone;              // with age and sex, and no other attribute
  VariationShare beside_all_others;  // what it takes away from what the others leave
  std::vector<CovariateRatio> ratios;
};

struct Variation {
  double sampling_variance = 0;  // of a typical area
  RandomEffects at_one_rate, by_age_and_sex, with_attributes;
  VariationShare chance, age_and_sex, attributes, left;
  std::vector<AttributeVariation> by_attribute;
};

// Intervals of chance by those of the variance between areas. Of the other shares by `replicates` samples of
// what the fit with all attributes says of the same areas, drawn with `seed`; areas drawn at random would be
// some of them twice, and attributes tell too much of those. Of ratios by t and the delta method on the log
// scale. Empty where FitRandomEffects is. `progress` is called with what part of the samples is done; may be
// null.
std::optional<Variation> DecomposeVariation(std::span<const VariationArea> areas,
                                            std::span<const Attribute> attributes, double confidence,
                                            int replicates, uint64_t seed,
                                            const std::function<void(double)>& progress = nullptr);

// The first attribute that says nothing which those before it do not say: the same everywhere, or a sum of
// them.
std::optional<size_t> FirstCollinear(size_t areas, std::span<const Attribute> attributes);

}  // namespace kpr
