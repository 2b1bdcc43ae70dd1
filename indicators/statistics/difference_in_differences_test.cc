// Known answers by the same numbers. Estimates: statsmodels 0.15, OLS and WLS with a dummy for each area and
// period. Errors: its OLS and WLS of the changes with cov_type="HC2". Intervals: from these, degrees of
// freedom by hand and scipy's t.
#include "indicators/statistics/difference_in_differences.h"

#include <gtest/gtest.h>

#include <random>

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
  Expect(found->effect, {6.169444444444428, 1.6777156905362727, 1.692956759239486, 10.645932129649385});
  ASSERT_EQ(found->trend.size(), 5u);
  Expect(found->trend[0].difference,
         {-0.5416666666666252, 0.5642719005743393, -2.047259198391039, 0.9639258650577178});
  Expect(found->trend[1].difference,
         {-0.6166666666666707, 1.874907405121058, -5.61930206983274, 4.385968736499414});
  Expect(found->trend[2].difference, {0, 0, 0, 0});
  Expect(found->trend[3].difference,
         {5.083333333333335, 3.3936623939992066, -3.971650177981778, 14.138316844648447});
  Expect(found->trend[4].difference,
         {6.483333333333328, 0.9558300639293109, 3.9329837511818195, 9.033682915484844});
  EXPECT_NEAR(found->trend[0].members, (61.2 + 55.0 + 70.5) / 3, 1e-12);
  EXPECT_NEAR(found->trend[0].others, (48.8 + 66.3 + 58.4 + 73.1) / 4, 1e-12);
}

TEST(DifferenceInDifferencesTest, KnownAnswersWithWeights) {
  const auto found = EstimateDifference(Panel(true), kBegins, 0.95);
  ASSERT_TRUE(found);
  Expect(found->effect, {4.285231029979731, 2.239281246608467, -4.076051251187632, 12.64651331114705});
  Expect(found->trend[0].difference,
         {-0.8394431941318796, 0.6317087508547704, -3.1981889717692686, 1.5193025835055411});
  Expect(found->trend[1].difference,
         {-2.3290155872301277, 1.1267867886958771, -6.536339890617916, 1.878308716157643});
  Expect(found->trend[3].difference,
         {0.9390847711927933, 3.63174718253008, -12.62154474462148, 14.499714287007082});
  Expect(found->trend[4].difference,
         {5.519071434525318, 1.111174939092736, 1.3700404257652892, 9.668102443285301});
}

TEST(DifferenceInDifferencesTest, NeedsTwoOfEachAndAPeriodBefore) {
  const std::vector<PanelArea> areas = Panel(false);
  EXPECT_FALSE(EstimateDifference(std::span(areas).subspan(2), kBegins, 0.95)) << "one member";
  EXPECT_FALSE(EstimateDifference(std::span(areas).first(4), kBegins, 0.95)) << "one other";
  EXPECT_FALSE(EstimateDifference({}, kBegins, 0.95));
  EXPECT_FALSE(EstimateDifference(areas, 0, 0.95));
  EXPECT_FALSE(EstimateDifference(areas, 5, 0.95));
}

// Few members: what chance alone does is in the interval as often as it says.
TEST(DifferenceInDifferencesTest, TheIntervalHoldsWithFewMembers) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  constexpr int kRounds = 4000;
  for (const size_t members : {2u, 3u, 5u}) {
    int held = 0;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<PanelArea> areas(40);
      for (size_t i = 0; i < areas.size(); ++i) areas[i] = {i < members, 1, {normal(random), normal(random)}};
      const Interval interval = EstimateDifference(areas, 1, 0.95)->effect.interval;
      held += interval.lower <= 0 && 0 <= interval.upper ? 1 : 0;
    }
    EXPECT_GT(held, 0.94 * kRounds) << members;
  }
}

}  // namespace
}  // namespace kpr
