// Known answers of rapwhale and PHEindicatormethods (reference: confidence intervals for shares).
#include "indicators/statistics/interval.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

TEST(WilsonTest, KnownAnswers) {
  struct Case {
    int64_t x, n;
    double level, lower, upper;
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
      {0, 10, 0.95, 0, 0.2775327999},
      {3, 17, 0.95, 0.0619112664, 0.4102945857},
  };
  for (const Case& c : kCases) {
    const auto interval = WilsonInterval(c.x, c.n, c.level);
    ASSERT_TRUE(interval);
    EXPECT_NEAR(interval->lower, c.lower, 1e-9) << c.x << "/" << c.n;
    EXPECT_NEAR(interval->upper, c.upper, 1e-9) << c.x << "/" << c.n;
  }
}

TEST(WilsonTest, NoIntervalWithoutADenominator) {
  EXPECT_FALSE(WilsonInterval(0, 0, 0.95));
  EXPECT_FALSE(WilsonInterval(5, 4, 0.95));
  EXPECT_FALSE(WilsonInterval(-1, 4, 0.95));
}

TEST(MedianTest, MiddleOfTheDays) {
  EXPECT_EQ(MedianDays({{3, 1}, {8, 1}, {40, 1}}), 8);
  EXPECT_EQ(MedianDays({{3, 2}, {8, 2}}), 5.5);
  EXPECT_EQ(MedianDays({}), std::nullopt);
}

TEST(MeanTest, NormalInterval) {
  const auto interval = MeanInterval(4, 200, 10'500, 0.95);  // 35, 45, 55, 65: mean 50, s 12.9099
  EXPECT_NEAR(interval->lower, 50 - 1.959963984540054 * 12.909944487358056 / 2, 1e-9);
  EXPECT_FALSE(MeanInterval(1, 50, 2500, 0.95));
}

}  // namespace
}  // namespace kpr
