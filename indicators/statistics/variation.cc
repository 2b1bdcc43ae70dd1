#include "indicators/statistics/variation.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <random>

#include "indicators/statistics/percentile.h"

namespace kpr {
namespace {

AreaValue RatioOf(const AreaCount& count) {
  return {std::sqrt(count.observed / count.expected), 1 / (4 * count.expected)};
}

// What a sample of areas is decomposed from.
struct Sample {
  std::vector<AreaValue> at_one_rate, by_age_and_sex;
  std::vector<std::vector<Covariate>> attributes;  // by attribute

  std::vector<Covariate> CovariatesOfAllBut(size_t attribute) const {
    std::vector<Covariate> covariates;
    for (size_t i = 0; i < attributes.size(); ++i) {
      if (i != attribute) covariates.insert(covariates.end(), attributes[i].begin(), attributes[i].end());
    }
    return covariates;
  }
  std::vector<Covariate> AllCovariates() const { return CovariatesOfAllBut(attributes.size()); }
};

Sample SampleOf(std::span<const VariationArea> areas, std::span<const Attribute> attributes,
                const std::vector<size_t>& drawn) {
  Sample sample;
  for (const size_t i : drawn) {
    sample.at_one_rate.push_back(RatioOf(areas[i].at_one_rate));
    sample.by_age_and_sex.push_back(RatioOf(areas[i].by_age_and_sex));
  }
  for (const Attribute& attribute : attributes) {
    std::vector<Covariate>& covariates = sample.attributes.emplace_back();
    for (const AttributeCovariate& covariate : attribute.covariates) {
      Covariate& values = covariates.emplace_back();
      for (const size_t i : drawn) values.push_back(covariate.values[i]);
    }
  }
  return sample;
}

// Shares of the whole, in the order: age and sex, attributes, left, each attribute alone, each beside all
// others.
std::vector<double> SharesOf(const Sample& sample) {
  const double crude = EstimateTau2(sample.at_one_rate, {});
  const double adjusted = EstimateTau2(sample.by_age_and_sex, {});
  const double left = EstimateTau2(sample.by_age_and_sex, sample.AllCovariates());
  const double all = TypicalSamplingVariance(sample.at_one_rate) + crude;
  std::vector<double> shares = {(crude - adjusted) / all, (adjusted - left) / all, left / all};
  for (const std::vector<Covariate>& attribute : sample.attributes)
    shares.push_back((adjusted - EstimateTau2(sample.by_age_and_sex, attribute)) / all);
  for (size_t i = 0; i < sample.attributes.size(); ++i) {
    const double without = EstimateTau2(sample.by_age_and_sex, sample.CovariatesOfAllBut(i));
    shares.push_back((without - left) / all);
  }
  return shares;
}

// Percentiles of the shares of areas that are drawn at random, with replacement.
std::vector<VariationShare> SharesWithIntervals(std::span<const VariationArea> areas,
                                                std::span<const Attribute> attributes, const Sample& sample,
                                                double confidence, int replicates, uint64_t seed) {
  std::vector<VariationShare> shares;
  for (const double share : SharesOf(sample)) shares.push_back({share, {share, share}});
  std::vector<std::vector<double>> drawn_shares(shares.size());
  std::mt19937_64 random(seed);
  std::vector<size_t> drawn(areas.size());
  for (int replicate = 0; replicate < replicates; ++replicate) {
    for (size_t& area : drawn) area = random() % areas.size();
    const std::vector<double> of_drawn = SharesOf(SampleOf(areas, attributes, drawn));
    for (size_t i = 0; i < of_drawn.size(); ++i) drawn_shares[i].push_back(of_drawn[i]);
  }
  for (size_t i = 0; i < shares.size() && replicates > 0; ++i) {
    shares[i].interval = {Quantile(drawn_shares[i], (1 - confidence) / 2),
                          Quantile(drawn_shares[i], (1 + confidence) / 2)};
  }
  return shares;
}

// At the common mean and one step of a covariate beside it, both squared back to ratios.
CovariateRatio RatioOfStep(const std::string& label, const RandomEffects& fit, size_t coefficient,
                           double confidence) {
  const double mean = fit.coefficients[0], step = fit.coefficients[coefficient];
  const double reach = fit.standard_errors[coefficient] *
                       boost::math::quantile(boost::math::students_t(fit.freedom), (1 + confidence) / 2);
  const auto ratio = [&](double by) { return std::pow(std::max(0.0, mean + by) / mean, 2); };
  return {label, ratio(step), {ratio(step - reach), ratio(step + reach)}};
}

}  // namespace

std::optional<Variation> DecomposeVariation(std::span<const VariationArea> areas,
                                            std::span<const Attribute> attributes, double confidence,
                                            int replicates, uint64_t seed) {
  std::vector<size_t> all(areas.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  const Sample sample = SampleOf(areas, attributes, all);
  const auto at_one_rate = FitRandomEffects(sample.at_one_rate, {}, confidence);
  const auto by_age_and_sex = FitRandomEffects(sample.by_age_and_sex, {}, confidence);
  const auto with_attributes = FitRandomEffects(sample.by_age_and_sex, sample.AllCovariates(), confidence);
  if (!at_one_rate || !by_age_and_sex || !with_attributes) return std::nullopt;
  Variation result;
  result.sampling_variance = TypicalSamplingVariance(sample.at_one_rate);
  result.at_one_rate = *at_one_rate;
  result.by_age_and_sex = *by_age_and_sex;
  result.with_attributes = *with_attributes;
  const auto chance = [&](double tau2) {
    return result.sampling_variance / (result.sampling_variance + tau2);
  };
  result.chance = {chance(at_one_rate->tau2),
                   {chance(at_one_rate->tau2_interval.upper), chance(at_one_rate->tau2_interval.lower)}};
  const std::vector<VariationShare> shares =
      SharesWithIntervals(areas, attributes, sample, confidence, replicates, seed);
  result.age_and_sex = shares[0];
  result.attributes = shares[1];
  result.left = shares[2];
  size_t coefficient = 0;
  for (size_t i = 0; i < attributes.size(); ++i) {
    AttributeVariation& attribute = result.by_attribute.emplace_back();
    attribute.name = attributes[i].name;
    attribute.alone = shares[3 + i];
    attribute.beside_all_others = shares[3 + attributes.size() + i];
    for (const AttributeCovariate& covariate : attributes[i].covariates)
      attribute.ratios.push_back(RatioOfStep(covariate.label, *with_attributes, ++coefficient, confidence));
  }
  return result;
}

std::optional<size_t> FirstCollinear(size_t areas, std::span<const Attribute> attributes) {
  std::vector<Covariate> covariates;
  for (size_t i = 0; i < attributes.size(); ++i) {
    for (const AttributeCovariate& covariate : attributes[i].covariates)
      covariates.push_back(covariate.values);
    if (Collinear(areas, covariates)) return i;
  }
  return std::nullopt;
}

}  // namespace kpr
