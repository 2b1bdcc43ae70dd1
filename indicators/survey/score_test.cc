#include "indicators/survey/score.h"

#include <gtest/gtest.h>

#include <vector>

namespace kpr {
namespace {

std::optional<int64_t> Score(std::vector<int> answers, int min, int max, std::vector<bool> reversed = {}) {
  reversed.resize(answers.size());
  return SurveyIndexThousandths(answers, reversed, min, max);
}

TEST(SurveyIndexTest, LinearScales) {
  for (int x = 1; x <= 5; ++x) EXPECT_EQ(Score({x}, 1, 5), (x - 1) * 25'000);
  for (int x = 1; x <= 6; ++x) EXPECT_EQ(Score({x}, 1, 6), (x - 1) * 20'000);
  EXPECT_EQ(Score({2}, 1, 4), 33'333);
  EXPECT_EQ(Score({3}, 1, 4), 66'667);
}

TEST(SurveyIndexTest, HalfRuleAtExactlyHalf) {
  EXPECT_EQ(Score({5, 5, 0, 0}, 1, 5), 100'000);
  EXPECT_EQ(Score({5, 0, 0, 0}, 1, 5), std::nullopt);
  EXPECT_EQ(Score({5, 5, 0, 0, 0}, 1, 5), std::nullopt);
  EXPECT_EQ(Score({5, 5, 3, 0, 0}, 1, 5), 83'333);
}

TEST(SurveyIndexTest, ReversedItemsAndAnswersOffTheScale) {
  EXPECT_EQ(Score({5, 1}, 1, 5, {false, true}), 100'000);
  EXPECT_EQ(Score({7, 3}, 1, 5), 50'000);
  EXPECT_EQ(Score({}, 1, 5), std::nullopt);
}

}  // namespace
}  // namespace kpr
