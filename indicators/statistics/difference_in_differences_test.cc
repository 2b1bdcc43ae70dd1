// Known answers: statsmodels 0.15, OLS and WLS with a dummy for each area and period, cov_type="cluster",
// use_t=True, by the same numbers.
#include "indicators/statistics/difference_in_differences.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

constexpr size_t kBegins = 3;

std::vector<PanelArea> Panel(bool weighted) {
  std::vector<PanelArea> areas = {
      {true, 120, {61.2, 60.4, 63.9, 70.1, 72.6}}, {true, 45, {55.0, 57.3, 56.1, 66.8, 64.2}},
      {true, 300, {70.5, 69.9, 72.0, 71.4, 79.3}}, {false, 80, {48.8, 52.1, 50.6, 49.9, 53.0}},
      {false, 64, {66.3, 65.1, 67.7, 68.2, 66.9}}, {false, 210, {58.4, 59.9, 58.8, 61.5, 62.0}},
      {false, 33, {73.1, 71.0, 74.4, 73.3, 75.8}}};
  if (!weighted) {
    for (PanelArea& area : areas) area.weight = 1;
  }
  return areas;
}

struct Answer {
  double estimate, standard_error, lower, upper;
};
void Expect(const Difference& difference, const Answer& answer) {
  EXPECT_NEAR(difference.estimate, answer.estimate, 1e-9);
  EXPECT_NEAR(difference.standard_error, answer.standard_error, 1e-9);
  EXPECT_NEAR(difference.interval.lower, answer.lower, 1e-9);
  EXPECT_NEAR(difference.interval.upper, answer.upper, 1e-9);
}

TEST(DifferenceInDifferencesTest, KnownAnswers) {
  const auto found = EstimateDifference(Panel(false), kBegins, 0.95);
  ASSERT_TRUE(found);
  Expect(found->effect, {6.169444444444428, 1.8051074813564745, 1.7525055557228075, 10.586383333166049});
  ASSERT_EQ(found->trend.size(), 5u);
  Expect(found->trend[0].apart,
         {-0.5416666666666252, 0.6598686241065354, -2.156307023191638, 1.0729736898583873});
  Expect(found->trend[1].apart,
         {-0.6166666666666707, 2.2154352086170865, -6.037641334075667, 4.804308000742326});
  Expect(found->trend[2].apart, {0, 0, 0, 0});
  Expect(found->trend[3].apart,
         {5.083333333333335, 3.9177129709614356, -4.502964964696605, 14.669631631363274});
  Expect(found->trend[4].apart, {6.483333333333328, 1.1540439833178402, 3.659489433810347, 9.30717723285631});
  EXPECT_NEAR(found->trend[0].members, (61.2 + 55.0 + 70.5) / 3, 1e-12);
  EXPECT_NEAR(found->trend[0].others, (48.8 + 66.3 + 58.4 + 73.1) / 4, 1e-12);
}

TEST(DifferenceInDifferencesTest, KnownAnswersWithWeights) {
  const auto found = EstimateDifference(Panel(true), kBegins, 0.95);
  ASSERT_TRUE(found);
  Expect(found->effect, {4.285231029979731, 1.9757539552196428, -0.5492647379937781, 9.119726797953241});
  Expect(found->trend[0].apart,
         {-0.8394431941318796, 0.6524993821317198, -2.4360516651347606, 0.7571652768710015});
  Expect(found->trend[1].apart,
         {-2.3290155872301277, 1.3008538620391656, -5.5120903188614765, 0.8540591444012215});
  Expect(found->trend[3].apart,
         {0.9390847711927933, 3.417302829184541, -7.422754020490124, 9.30092356287571});
  Expect(found->trend[4].apart,
         {5.519071434525318, 1.1626211835828133, 2.6742398820243305, 8.363902987026306});
}

TEST(DifferenceInDifferencesTest, NeedsTwoOfEachAndAPeriodBefore) {
  const std::vector<PanelArea> areas = Panel(false);
  EXPECT_FALSE(EstimateDifference(std::span(areas).subspan(2), kBegins, 0.95)) << "one member";
  EXPECT_FALSE(EstimateDifference(std::span(areas).first(4), kBegins, 0.95)) << "one other";
  EXPECT_FALSE(EstimateDifference({}, kBegins, 0.95));
  EXPECT_FALSE(EstimateDifference(areas, 0, 0.95));
  EXPECT_FALSE(EstimateDifference(areas, 5, 0.95));
}

}  // namespace
}  // namespace kpr
