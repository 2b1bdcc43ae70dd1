#include "indicators/statistics/variation.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <random>

#include "indicators/statistics/percentile.h"

namespace kpr {
namespace {

std::vector<Covariate> CovariatesOf(std::span<const Attribute> attributes) {
  std::vector<Covariate> covariates;
  for (const Attribute& attribute : attributes) {
    for (const AttributeCovariate& covariate : attribute.covariates) covariates.push_back(covariate.values);
  }
  return covariates;
}

// What tau2 is estimated of: the ratios, and the same covariates in each sample.
class RatioSample {
 public:
  RatioSample(std::span<const VariationArea> areas, std::span<const Attribute> attributes)
      : all_(CovariatesOf(attributes)) {
    for (const VariationArea& area : areas) {
      at_one_rate_.push_back(RootRatioOf(area.at_one_rate));
      by_age_and_sex_.push_back(RootRatioOf(area.by_age_and_sex));
      // The events are the same: one ratio is the other by what is expected.
      to_one_rate_.push_back(std::sqrt(area.by_age_and_sex.expected / area.at_one_rate.expected));
    }
    for (size_t i = 0; i < attributes.size(); ++i) {
      alone_.push_back(CovariatesOf(attributes.subspan(i, 1)));
      others_.push_back(CovariatesOf(attributes.first(i)));
      const std::vector<Covariate> after = CovariatesOf(attributes.subspan(i + 1));
      others_.back().insert(others_.back().end(), after.begin(), after.end());
    }
  }

  const std::vector<AreaValue>& at_one_rate() const { return at_one_rate_; }
  const std::vector<AreaValue>& by_age_and_sex() const { return by_age_and_sex_; }
  const std::vector<Covariate>& covariates() const { return all_; }

  // In the order: age and sex, attributes, left, each attribute alone, each beside all others.
  std::vector<double> Shares() const {
    const double crude = EstimateTau2(at_one_rate_, {});
    const double adjusted = EstimateTau2(by_age_and_sex_, {});
    const double left = EstimateTau2(by_age_and_sex_, all_);
    const double whole = TypicalSamplingVariance(at_one_rate_) + crude;
    std::vector<double> shares = {(crude - adjusted) / whole, (adjusted - left) / whole, left / whole};
    for (const auto& covariates : alone_)
      shares.push_back((adjusted - EstimateTau2(by_age_and_sex_, covariates)) / whole);
    for (const auto& covariates : others_)
      shares.push_back((EstimateTau2(by_age_and_sex_, covariates) - left) / whole);
    return shares;
  }

  // Draws ratios of which the fit is true.
  void Draw(const RandomEffects& fit, std::mt19937_64* random) {
    for (size_t i = 0; i < by_age_and_sex_.size(); ++i) {
      AreaValue& area = by_age_and_sex_[i];
      area.value = fit.coefficients[0];
      for (size_t k = 0; k < all_.size(); ++k) area.value += fit.coefficients[k + 1] * all_[k][i];
      area.value += std::normal_distribution<double>(0, std::sqrt(fit.tau2 + area.variance))(*random);
      at_one_rate_[i].value = area.value * to_one_rate_[i];
    }
  }

 private:
  std::vector<AreaValue> at_one_rate_, by_age_and_sex_;
  std::vector<double> to_one_rate_;
  std::vector<Covariate> all_;
  std::vector<std::vector<Covariate>> alone_, others_;  // by attribute
};

std::vector<VariationShare> SharesWithIntervals(RatioSample sample, const RandomEffects& fit,
                                                double confidence, int replicates, uint64_t seed,
                                                const std::function<void(double)>& progress) {
  std::vector<VariationShare> shares;
  for (const double share : sample.Shares()) shares.push_back({share, {share, share}});
  std::vector<std::vector<double>> drawn(shares.size());
  std::mt19937_64 random(seed);
  for (int replicate = 0; replicate < replicates; ++replicate) {
    sample.Draw(fit, &random);
    const std::vector<double> of_drawn = sample.Shares();
    for (size_t i = 0; i < of_drawn.size(); ++i) drawn[i].push_back(of_drawn[i]);
    if (progress) progress((replicate + 1.0) / replicates);
  }
  for (size_t i = 0; i < shares.size() && replicates > 0; ++i) {
    shares[i].interval = {Quantile(drawn[i], (1 - confidence) / 2), Quantile(drawn[i], (1 + confidence) / 2)};
  }
  return shares;
}

// Of one step of a covariate, squared back to a ratio.
std::optional<CovariateRatio> RatioOfStep(const std::string& label, const RandomEffects& fit,
                                          size_t coefficient, double confidence) {
  const double before = fit.coefficients[0], after = before + fit.coefficients[coefficient];
  if (before <= 0 || after <= 0) return std::nullopt;
  const double by_before = 1 / after - 1 / before, by_step = 1 / after;
  const double variance = by_before * by_before * fit.covariances[0][0] +
                          2 * by_before * by_step * fit.covariances[0][coefficient] +
                          by_step * by_step * fit.covariances[coefficient][coefficient];
  const double log = 2 * std::log(after / before);
  const double reach = 2 * std::sqrt(variance) *
                       boost::math::quantile(boost::math::students_t(fit.freedom), (1 + confidence) / 2);
  return CovariateRatio{label, std::exp(log), {std::exp(log - reach), std::exp(log + reach)}};
}

}  // namespace

std::optional<Variation> DecomposeVariation(std::span<const VariationArea> areas,
                                            std::span<const Attribute> attributes, double confidence,
                                            int replicates, uint64_t seed,
                                            const std::function<void(double)>& progress) {
  const RatioSample sample(areas, attributes);
  const auto at_one_rate = FitRandomEffects(sample.at_one_rate(), {}, confidence);
  const auto by_age_and_sex = FitRandomEffects(sample.by_age_and_sex(), {}, confidence);
  const auto with_attributes = FitRandomEffects(sample.by_age_and_sex(), sample.covariates(), confidence);
  if (!at_one_rate || !by_age_and_sex || !with_attributes) return std::nullopt;
  Variation result;
  result.sampling_variance = TypicalSamplingVariance(sample.at_one_rate());
  result.at_one_rate = *at_one_rate;
  result.by_age_and_sex = *by_age_and_sex;
  result.with_attributes = *with_attributes;
  const auto chance = [&](double tau2) {
    return result.sampling_variance / (result.sampling_variance + tau2);
  };
  result.chance = {chance(at_one_rate->tau2),
                   {chance(at_one_rate->tau2_interval.upper), chance(at_one_rate->tau2_interval.lower)}};
  const std::vector<VariationShare> shares =
      SharesWithIntervals(sample, *with_attributes, confidence, replicates, seed, progress);
  result.age_and_sex = shares[0];
  result.attributes = shares[1];
  result.left = shares[2];
  size_t coefficient = 0;
  for (size_t i = 0; i < attributes.size(); ++i) {
    AttributeVariation& attribute = result.by_attribute.emplace_back();
    attribute.name = attributes[i].name;
    attribute.alone = shares[3 + i];
    attribute.beside_all_others = shares[3 + attributes.size() + i];
    for (const AttributeCovariate& covariate : attributes[i].covariates) {
      const auto ratio = RatioOfStep(covariate.label, *with_attributes, ++coefficient, confidence);
      if (ratio) attribute.ratios.push_back(*ratio);
    }
  }
  return result;
}

std::optional<size_t> FirstCollinear(size_t areas, std::span<const Attribute> attributes) {
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (Collinear(areas, CovariatesOf(attributes.first(i + 1)))) return i;
  }
  return std::nullopt;
}

}  // namespace kpr
