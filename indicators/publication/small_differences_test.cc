#include "indicators/publication/small_differences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kpr::publication {
namespace {

// Of municipalities one after the other; below zero: hidden.
v1::ReleaseTable TableOf(const std::string& indicator, const std::vector<int64_t>& figures) {
  v1::ReleaseTable table;
  table.set_indicator(indicator);
  v1::ReleaseAmount& amount = *table.add_amounts();
  amount.set_id("numerator");
  amount.set_persons(true);
  for (size_t i = 0; i < figures.size(); ++i) {
    v1::ReleaseRow& row = *table.add_rows();
    row.set_area(std::to_string(1101 + i));
    row.add_amounts(std::max<int64_t>(figures[i], 0));
    row.add_states(figures[i] < 0 ? v1::FIGURE_STATE_HIDDEN : v1::FIGURE_STATE_SHOWN);
  }
  return table;
}

TEST(SmallDifferences, AreBetweenFiguresOfWhichOneIsNearlyTheOther) {
  v1::DisclosurePolicy policy;
  policy.set_hide_up_to(4);
  v1::ReleaseTable places = TableOf("places", {41, 52, 63, 30, 70, 70});
  places.mutable_amounts(0)->set_persons(false);
  const auto found =
      SmallDifferences({TableOf("all", {40, 52, 63, 30, 70, 70}), TableOf("old", {38, 52, 58, -1, 70, 70}),
                        TableOf("half", {39, 20, 30, 15, 30, 30}), TableOf("older", {38, 51, 57, 25, 70, 70}),
                        TableOf("across", {41, 49, 66, 10, 70, 70}), places},
                       policy);
  EXPECT_TRUE(
      SmallDifferences({TableOf("all", {40, 52, 63, 30}), TableOf("old", {38, 51, 63, 30})}, policy).empty())
      << "so few may be chance";
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].larger() + " " + found[0].smaller(), "all/numerator older/numerator");
  EXPECT_EQ(found[0].figures(), 2u) << "2 and 1; 6 and 5 are not few";
  EXPECT_EQ(found[1].larger() + " " + found[1].smaller(), "old/numerator older/numerator");
  EXPECT_EQ(found[1].figures(), 2u);
  EXPECT_EQ(found[2].larger() + " " + found[2].smaller(), "all/numerator old/numerator");
  EXPECT_EQ(found[2].figures(), 1u) << "2; where one is hidden nothing is seen, and 5 are not few";
}

}  // namespace
}  // namespace kpr::publication
