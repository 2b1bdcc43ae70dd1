// Known answers by the same numbers: metafor 3.8 for R, rma(method = "PM", test = "t") and confint,
// tolerances 1e-15; shares and ratios by hand from these.
#include "indicators/statistics/variation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "indicators/statistics/percentile.h"

namespace kpr {
namespace {

constexpr double kNear = 1e-9;
constexpr double kConfidence = 0.95;

const std::vector<double> kObserved = {41, 12, 88, 35, 20, 160, 54, 9, 71, 30, 25, 110, 18, 47};
const std::vector<double> kAtOneRate = {50.2, 9.1,  70.4, 30.5, 26.3, 171.8, 40.9,
                                        12.4, 66.6, 37.7, 19.2, 92.5, 24.8,  44.1};
const std::vector<double> kByAgeAndSex = {48.9, 10.2, 73.1, 29.8, 25.1, 165.3, 43.3,
                                          11.7, 69.9, 36.1, 20.4, 96.0, 23.9,  43.0};
const Covariate kNumber = {1.2, -0.4, 0.9, 0.1, -1.5, 0.3, 1.7, -0.8, 0.6, -1.1, 0.2, 1.0, -1.3, -0.2};
const Covariate kSecond = {0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1};
const Covariate kThird = {1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0};

std::vector<VariationArea> Areas() {
  std::vector<VariationArea> areas;
  for (size_t i = 0; i < kObserved.size(); ++i)
    areas.push_back({{4 * kObserved[i], 4 * kAtOneRate[i]}, {4 * kObserved[i], 4 * kByAgeAndSex[i]}});
  return areas;
}

std::vector<Attribute> Attributes() {
  return {{"number", {{"number", kNumber}}}, {"kind", {{"second", kSecond}, {"third", kThird}}}};
}

void ExpectInterval(const Interval& interval, double lower, double upper) {
  EXPECT_NEAR(interval.lower, lower, kNear);
  EXPECT_NEAR(interval.upper, upper, kNear);
}

TEST(VariationTest, RandomEffectsHaveKnownAnswers) {
  const auto found = DecomposeVariation(Areas(), Attributes(), kConfidence, 0, 1);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->at_one_rate.tau2, 0.0107422773205, kNear);
  ExpectInterval(found->at_one_rate.tau2_interval, 0.00453360271051, 0.0320527152984);
  EXPECT_NEAR(found->by_age_and_sex.tau2, 0.00639303370907, kNear);
  ExpectInterval(found->by_age_and_sex.tau2_interval, 0.00236676615751, 0.0203473063352);
  const RandomEffects& fit = found->with_attributes;
  EXPECT_NEAR(fit.tau2, 0.00431010476194, kNear);
  ExpectInterval(fit.tau2_interval, 0.00111419398503, 0.0181475685328);
  EXPECT_EQ(fit.freedom, 10);
  const std::vector<double> coefficients = {1.01504750732, 0.0517989010972, -0.0230437847989,
                                            -0.0245498099833};
  const std::vector<double> errors = {0.0452964393978, 0.029589051727, 0.0657448408143, 0.0586597141081};
  for (size_t i = 0; i < coefficients.size(); ++i) {
    EXPECT_NEAR(fit.coefficients[i], coefficients[i], kNear);
    EXPECT_NEAR(std::sqrt(fit.covariances[i][i]), errors[i], kNear);
  }
}

TEST(VariationTest, SharesAndRatiosHaveKnownAnswers) {
  const auto found = DecomposeVariation(Areas(), Attributes(), kConfidence, 0, 1);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->sampling_variance, 0.00132453840031, kNear);
  EXPECT_NEAR(found->chance.share, 0.109767019813, kNear);
  // One less I2 and its limits.
  ExpectInterval(found->chance.interval, 0.039683864115, 0.226102167095);
  EXPECT_NEAR(found->age_and_sex.share, 0.3604301012, kNear);
  EXPECT_NEAR(found->attributes.share, 0.172616288781, kNear);
  EXPECT_NEAR(found->left.share, 0.357186590206, kNear);
  ASSERT_EQ(found->by_attribute.size(), 2u);
  const AttributeVariation &number = found->by_attribute[0], &kind = found->by_attribute[1];
  EXPECT_NEAR(number.alone.share, 0.251592541776, kNear);
  EXPECT_NEAR(kind.alone.share, 0.0715133232773, kNear);
  EXPECT_NEAR(number.beside_all_others.share, 0.101102965504, kNear);
  EXPECT_NEAR(kind.beside_all_others.share, -0.0789762529946, kNear);
  ASSERT_EQ(number.ratios.size(), 1u);
  ASSERT_EQ(kind.ratios.size(), 2u);
  EXPECT_NEAR(number.ratios[0].ratio, 1.1046661873, kNear);
  ExpectInterval(number.ratios[0].interval, 0.970247431957, 1.25770741067);
  EXPECT_NEAR(kind.ratios[0].ratio, 0.955111041341, kNear);
  ExpectInterval(kind.ratios[0].interval, 0.713604779875, 1.27835060389);
  EXPECT_EQ(kind.ratios[1].label, "third");
  EXPECT_NEAR(kind.ratios[1].ratio, 0.952213210679, kNear);
}

TEST(VariationTest, NoMoreThanChanceIsZero) {
  std::vector<AreaValue> areas;
  for (const VariationArea& area : Areas()) {
    const AreaCount& count = area.by_age_and_sex;
    areas.push_back({std::sqrt(count.observed / count.expected), 6 / (4 * count.expected)});
  }
  const auto fit = FitRandomEffects(areas, std::vector<Covariate>(1, kNumber), kConfidence);
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->tau2, 0);
  ExpectInterval(fit->tau2_interval, 0, 0.00348818877326);
  EXPECT_NEAR(std::sqrt(fit->covariances[1][1]), 0.029041372924, kNear);
}

TEST(VariationTest, WhatSaysNothingNewIsNamed) {
  std::vector<Attribute> attributes = Attributes();
  EXPECT_FALSE(FirstCollinear(kObserved.size(), attributes));
  attributes.push_back({"sum", {{"sum", {}}}});
  for (size_t i = 0; i < kObserved.size(); ++i)
    attributes[2].covariates[0].values.push_back(3 * kNumber[i] - kSecond[i] + 7);
  EXPECT_EQ(FirstCollinear(kObserved.size(), attributes), 2u);
  EXPECT_FALSE(DecomposeVariation(Areas(), attributes, kConfidence, 0, 1));
  attributes[0].covariates[0].values.assign(kObserved.size(), 5);
  EXPECT_EQ(FirstCollinear(kObserved.size(), attributes), 0u) << "the same everywhere";
  // More covariates than areas.
  const std::vector<VariationArea> areas = Areas();
  EXPECT_FALSE(DecomposeVariation(std::span(areas).first(4), Attributes(), kConfidence, 0, 1));
  EXPECT_FALSE(DecomposeVariation({}, {}, kConfidence, 0, 1));
}

TEST(VariationTest, QuantilesAreThoseOfR) {
  EXPECT_EQ(Quantile({3, 1, 2, 10}, 0), 1);
  EXPECT_EQ(Quantile({3, 1, 2, 10}, 1), 10);
  EXPECT_NEAR(Quantile({3, 1, 2, 10}, 0.9), 7.9, 1e-12);
  EXPECT_EQ(Quantile({4}, 0.3), 4);
}

// Areas whose variation is known: events of a rate that varies with age and sex, with an attribute, and with
// nothing that is told. Variances on the square-root scale.
constexpr double kOfAge = 0.003, kOfAttribute = 0.004, kOfNothing = 0.005, kSampling = 1 / (4 * 80.0);

struct Synthetic {
  std::vector<VariationArea> areas;
  std::vector<Attribute> attributes = {{"attribute", {}}, {"noise", {}}};
  double known = 0;  // variance of these areas that age and the attribute are
};
Synthetic SyntheticOf(int areas, int noise, std::mt19937_64& random) {
  Synthetic synthetic;
  std::normal_distribution<double> normal(0, 1);
  for (int k = 0; k <= noise; ++k) {
    AttributeCovariate& covariate = synthetic.attributes[k == 0 ? 0 : 1].covariates.emplace_back();
    for (int i = 0; i < areas; ++i) covariate.values.push_back(normal(random));
  }
  double sum = 0, squares = 0;
  for (int i = 0; i < areas; ++i) {
    const double expected = 80, age = std::sqrt(kOfAge) * normal(random);
    const double attribute = synthetic.attributes[0].covariates[0].values[static_cast<size_t>(i)];
    const double other = std::sqrt(kOfAttribute) * attribute + std::sqrt(kOfNothing) * normal(random);
    const double of_age = std::pow(1 + age, 2), rate = std::pow((1 + age) * (1 + other), 2);
    const double observed = std::poisson_distribution<int>(expected * rate)(random);
    synthetic.areas.push_back({{observed, expected}, {observed, expected * of_age}});
    const double known = age + std::sqrt(kOfAttribute) * attribute;
    sum += known;
    squares += known * known;
  }
  synthetic.known = (squares - sum * sum / areas) / (areas - 1);
  return synthetic;
}

struct Found {
  double left = 0, attributes = 0, noise = 0;  // means
  double left_inside = 0, chance_inside = 0;   // share of the intervals that the truth is in
  double points_inside = 0;                    // that the estimate is in
};
Found FindIn(int areas, int noise, int samples) {
  std::mt19937_64 random(7);
  Found mean;
  const auto inside = [](const VariationShare& share, double truth) {
    return share.interval.lower <= truth && truth <= share.interval.upper ? 1.0 : 0.0;
  };
  for (int i = 0; i < samples; ++i) {
    const Synthetic synthetic = SyntheticOf(areas, noise, random);
    const auto found =
        DecomposeVariation(synthetic.areas, synthetic.attributes, kConfidence, 100, static_cast<uint64_t>(i));
    EXPECT_TRUE(found);
    if (!found) break;
    EXPECT_NEAR(found->chance.share + found->age_and_sex.share + found->attributes.share + found->left.share,
                1, 1e-9);
    mean.left += found->left.share / samples;
    mean.attributes += found->attributes.share / samples;
    mean.noise += found->by_attribute.back().beside_all_others.share / samples;
    const double all = synthetic.known + kOfNothing + kSampling;
    mean.left_inside += inside(found->left, kOfNothing / all) / samples;
    mean.chance_inside += inside(found->chance, kSampling / all) / samples;
    mean.points_inside += inside(found->left, found->left.share) / samples;
  }
  return mean;
}

TEST(VariationTest, FindsWhatIsThereAndItsIntervalsHold) {
  constexpr double kAll = kOfAge + kOfAttribute + kOfNothing + kSampling;
  const Found found = FindIn(350, 1, 60);
  EXPECT_NEAR(found.left, kOfNothing / kAll, 0.02);
  EXPECT_NEAR(found.attributes, kOfAttribute / kAll, 0.02);
  EXPECT_NEAR(found.noise, 0, 0.01);
  EXPECT_GE(found.left_inside, 0.85);
  EXPECT_GE(found.chance_inside, 0.85);
}

// Many attributes for few areas: areas drawn with replacement would leave nothing.
TEST(VariationTest, IntervalsHoldWithManyAttributes) {
  for (const auto& [areas, noise] : {std::pair(30, 1), std::pair(40, 9), std::pair(60, 19)}) {
    const Found found = FindIn(areas, noise, 60);
    EXPECT_GE(found.left_inside, 0.85) << areas;
    EXPECT_GE(found.points_inside, 0.95) << areas;
    EXPECT_NEAR(found.noise, 0, 0.03) << areas;
  }
}

TEST(VariationTest, TheSameSeedGivesTheSameIntervals) {
  const auto one = DecomposeVariation(Areas(), Attributes(), kConfidence, 50, 3);
  const auto two = DecomposeVariation(Areas(), Attributes(), kConfidence, 50, 3);
  const auto other = DecomposeVariation(Areas(), Attributes(), kConfidence, 50, 4);
  ASSERT_TRUE(one && two && other);
  EXPECT_EQ(one->left.interval.upper, two->left.interval.upper);
  EXPECT_NE(one->left.interval.upper, other->left.interval.upper);
}

}  // namespace
}  // namespace kpr
