// Known answers: rapwhale, PHEindicatormethods, FunnelPlotR, R's survey package and hand calculation
// (reference: statistics).
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "indicators/statistics/funnel.h"
#include "indicators/statistics/interval.h"
#include "indicators/statistics/percentile.h"
#include "indicators/statistics/process_chart.h"
#include "indicators/statistics/standardisation.h"
#include "indicators/statistics/survey_mean.h"

namespace kpr {
namespace {

void ExpectInterval(const std::optional<Interval>& interval, double lower, double upper,
                    double within = 1e-9) {
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->lower, lower, within);
  EXPECT_NEAR(interval->upper, upper, within);
}

TEST(WilsonTest, KnownAnswers) {
  struct Case {
    int64_t x, n;
    double confidence, lower, upper;
  };
  const Case kCases[] = {
      {1, 3, 0.95, 0.06149194472039624, 0.7923403991979524},
      {2, 4, 0.95, 0.15003898915214955, 0.8499610108478505},
      {2, 3, 0.95, 0.20765960080204776, 0.93850805527960379},
      {3, 4, 0.95, 0.300641842582402, 0.9544127391902995},
      {1, 3, 0.90, 0.07826572633372843, 0.7464661317187757},
      {65, 100, 0.95, 0.55254443296887967, 0.73635751756902468},
      {1045, 5000, 0.95, 0.19795549880013297, 0.22049130373189027},
      {65, 100, 0.998, 0.49549465740704313, 0.77835406140896968},
      {1045, 5000, 0.998, 0.19179381799015244, 0.22731562902525818},
      {1, 100, 0.95, 0.0017674321, 0.0544861962},
      {222, 3215, 0.95, 0.0607916904, 0.0783395668},
      {0, 10, 0.95, 0, 0.2775327999},
      {3, 17, 0.95, 0.0619112664, 0.4102945857},
  };
  for (const Case& c : kCases) ExpectInterval(WilsonInterval(c.x, c.n, c.confidence), c.lower, c.upper);
}

TEST(IntervalTest, NoneWithoutADenominator) {
  EXPECT_FALSE(WilsonInterval(0, 0, 0.95));
  EXPECT_FALSE(WilsonInterval(5, 4, 0.95));
  EXPECT_FALSE(WilsonInterval(-1, 4, 0.95));
  EXPECT_FALSE(ByarInterval(-1, 0.95));
  EXPECT_FALSE(MeanInterval(1, 50, 2500, 0.95));
}

TEST(ByarTest, KnownAnswers) {
  ExpectInterval(ByarInterval(65, 0.95), 50.1631877105, 82.8491385459);
  ExpectInterval(ByarInterval(1045, 0.95), 982.5932018073, 1110.3312129857);
  ExpectInterval(ByarInterval(10, 0.998), 2.9163183747, 24.1937249279);
}

TEST(MeanTest, NormalInterval) {
  // 35, 45, 55, 65: mean 50, s 12.9099
  const double reach = 1.959963984540054 * 12.909944487358056 / 2;
  ExpectInterval(MeanInterval(4, 200, 10'500, 0.95), 50 - reach, 50 + reach);
}

TEST(PercentileTest, MiddleOfTheDays) {
  EXPECT_EQ(Percentile({{3, 1}, {8, 1}, {40, 1}}, 0.5), 8);
  EXPECT_EQ(Percentile({{3, 2}, {8, 2}}, 0.5), 5.5);
  EXPECT_EQ(Percentile({{0, 90}, {20, 4}, {50, 6}}, 0.9), 10);
  EXPECT_EQ(Percentile({{1, 1}, {2, 1}, {3, 1}, {4, 1}}, 0.25), 1.5);
  EXPECT_EQ(Percentile({{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}}, 0.75), 4);
  EXPECT_EQ(Percentile({}, 0.5), std::nullopt);
}

const std::vector<AreaCount> kUnits = {{100, 108}, {150, 112}, {180, 165}, {80, 95}, {120, 100}, {225, 220}};

TEST(FunnelTest, OverdispersionKnownAnswers) {
  const auto root = EstimateOverdispersion(kUnits, 0.1);
  EXPECT_NEAR(root.phi, 2.327178, 5e-7);
  EXPECT_NEAR(root.tau2, 0.00343978, 5e-9);
}

TEST(FunnelTest, LimitsWidenWithSmallAreasAndVariance) {
  const double z = 1.959963984540054;
  ExpectInterval(FunnelLimits(25, 0, 0.95), std::pow(1 - z / 10, 2), std::pow(1 + z / 10, 2));
  EXPECT_LT(FunnelLimits(25, 0.01, 0.95).lower, FunnelLimits(25, 0, 0.95).lower);
  EXPECT_EQ(FunnelLimits(0.5, 0, 0.998).lower, 0);
}

TEST(FunnelTest, StatusByTheNarrowestLimitCrossed) {
  const Interval warning{0.8, 1.2}, alarm{0.7, 1.3};
  EXPECT_EQ(OutlierStatusOf(1.0, warning, alarm), OutlierStatus::kWithin);
  EXPECT_EQ(OutlierStatusOf(1.25, warning, alarm), OutlierStatus::kHigh);
  EXPECT_EQ(OutlierStatusOf(0.75, warning, alarm), OutlierStatus::kLow);
  EXPECT_EQ(OutlierStatusOf(1.31, warning, alarm), OutlierStatus::kVeryHigh);
  EXPECT_EQ(OutlierStatusOf(0.69, warning, alarm), OutlierStatus::kVeryLow);
}

// 1 - p of a binomial count: 40 of 100 expected has 60 % of a Poisson count's variance.
TEST(FunnelTest, ProportionsAreScaledToPoissonVariance) {
  const AreaCount scaled = ScaleProportion({45, 40}, 100);
  EXPECT_NEAR(scaled.expected, 40 / 0.6, 1e-9);
  EXPECT_NEAR(scaled.observed, 45 / 0.6, 1e-9);
}

TEST(StandardisationTest, ExpectedAtTheCommonRates) {
  const StratumCount counts[] = {
      {"a", "old", 10, 100}, {"b", "old", 30, 100}, {"a", "young", 1, 100}, {"b", "young", 5, 300}};
  const auto areas = IndirectlyStandardise(counts);
  EXPECT_NEAR(areas.at("a").expected, 100 * 0.2 + 100 * 0.015, 1e-12);
  EXPECT_NEAR(areas.at("b").expected, 100 * 0.2 + 300 * 0.015, 1e-12);
  EXPECT_NEAR(areas.at("a").observed, 11, 1e-12);
  EXPECT_NEAR(areas.at("b").at_risk, 400, 1e-12);
}

TEST(ShrinkageTest, KnownAnswers) {
  const auto shrunk = EmpiricalBayes(kUnits);
  ASSERT_TRUE(shrunk);
  EXPECT_NEAR(shrunk->mean, 1.06875, 1e-9);
  EXPECT_NEAR(shrunk->variance, 0.01392174, 5e-9);
  const double kExpected[] = {0.9852671, 1.229264, 1.083873, 0.9433995, 1.143000, 1.034632};
  for (size_t i = 0; i < kUnits.size(); ++i) EXPECT_NEAR(shrunk->ratios[i], kExpected[i], 5e-7);
}

// R survey 4.1: svymean of apistrat's api00 by stype, and of apisrs' enroll, both with fpc.
TEST(SurveyMeanTest, KnownAnswers) {
  const auto stratum = [](double population, int64_t n, double mean, double variance) {
    const double count = static_cast<double>(n);
    return SampleStratum{population, n, mean * count, variance * (count - 1) + count * mean * mean};
  };
  // R's data hold the weights 44.21, 15.10 and 20.36 in single precision.
  const SampleStratum apistrat[] = {stratum(100 * double{44.21F}, 100, 674.43, 15687.4192929293),
                                    stratum(50 * double{15.10F}, 50, 625.82, 11947.0893877551),
                                    stratum(50 * double{20.36F}, 50, 636.6, 13824.8571428571)};
  const auto api00 = StratifiedMean(apistrat);
  ASSERT_TRUE(api00);
  EXPECT_NEAR(api00->mean, 662.287363159, 1e-9);
  EXPECT_NEAR(api00->standard_error, 9.40894080278, 1e-8);
  const SampleStratum apisrs[] = {stratum(6194, 200, 584.61, 154803.997889447)};
  const auto enroll = StratifiedMean(apisrs);
  EXPECT_NEAR(enroll->mean, 584.61, 1e-9);
  EXPECT_NEAR(enroll->standard_error, 27.3683652477, 1e-8);
  EXPECT_FALSE(StratifiedMean({}));
}

TEST(ProcessChartTest, EachSignal) {
  const ProcessChart chart{10, 4, 16};
  const auto has = [&](std::vector<double> points, SignalAt signal) {
    const auto found = FindSignals(points, chart);
    return std::find(found.begin(), found.end(), signal) != found.end();
  };
  EXPECT_TRUE(has({10, 17}, {1, Signal::kBeyondLimits, true}));
  EXPECT_TRUE(has({10, 3}, {1, Signal::kBeyondLimits, false}));
  EXPECT_TRUE(has({11, 11, 12, 11, 11, 12, 11}, {6, Signal::kShift, true}));
  EXPECT_FALSE(has({11, 11, 12, 10, 11, 12, 11}, {6, Signal::kShift, true}));
  EXPECT_TRUE(has({7, 8, 9, 10, 11, 12, 13}, {6, Signal::kTrend, true}));
  EXPECT_FALSE(has({7, 8, 9, 9, 11, 12, 13}, {6, Signal::kTrend, true}));
  EXPECT_TRUE(has({15, 10, 15}, {2, Signal::kTwoOfThree, true}));
  EXPECT_FALSE(has({15, 10, 5}, {2, Signal::kTwoOfThree, true}));
  const auto made = IndividualsChart(std::vector<double>{10, 12, 11});
  EXPECT_NEAR(made->center, 11, 1e-12);
  EXPECT_NEAR(made->upper, 11 + 2.66 * 1.5, 1e-12);
}

// One point beyond three sigma happens to a series in control in about 27 of 10,000 points.
TEST(ProcessChartTest, FalseAlarmsAreRare) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal(50, 5);
  int beyond = 0, points = 0;
  for (int series = 0; series < 10'000; ++series) {
    std::vector<double> x(24);
    for (double& value : x) value = normal(random);
    const ProcessChart known{50, 35, 65};
    for (const SignalAt& signal : FindSignals(x, known)) beyond += signal.signal == Signal::kBeyondLimits;
    points += 24;
  }
  EXPECT_NEAR(static_cast<double>(beyond) / points, 0.0026998, 0.00027);
}

}  // namespace
}  // namespace kpr
