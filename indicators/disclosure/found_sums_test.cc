// Sums that are found in the figures of one release and were not seen in those before.
#include <gtest/gtest.h>

#include <algorithm>

#include "indicators/disclosure/release_history.h"

namespace kpr::disclosure {
namespace {

// A sum of three, and a figure of another table that may be found to be the second part.
ReleaseTables Tables(const std::vector<int64_t>& values, bool found) {
  ReleaseTables release;
  for (size_t i = 0; i < values.size(); ++i) {
    Cell cell{values[i], static_cast<double>(values[i])};
    if (values[i] <= 2) cell.showing = Showing::kHidden;
    release.cells.push_back({std::to_string(i), cell, 2});
  }
  release.relations.push_back({{{0, -1}, {1, 1}, {2, 1}, {3, 1}}, true});
  if (found) release.relations.push_back({{{4, -1}, {2, 1}}, true, true});
  return release;
}

TEST(FoundSums, HideInBothTables) {
  ReleaseHistory history;
  using enum Shown;
  EXPECT_EQ(*history.Next(Tables({30, 20, 8, 2, 8}, false), {}),
            (std::vector{kValue, kValue, kHidden, kHidden, kValue}));
  ReleaseHistory knowing;
  EXPECT_EQ(*knowing.Next(Tables({30, 20, 8, 2, 8}, true), {}),
            (std::vector{kValue, kValue, kHidden, kHidden, kHidden}));
}

// The first release has shown 30, 20 and, in the other table, the 8: nothing was found then. Neither the 8
// has changed nor what it is equal to.
TEST(FoundSums, AreKnownOfFiguresThatHaveNotChanged) {
  ReleaseHistory history;
  ASSERT_TRUE(history.Next(Tables({30, 20, 8, 2, 8}, false), {}).ok());
  const auto refused = history.Next(Tables({50, 40, 8, 2, 8}, true), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition) << refused.status().message();
  EXPECT_TRUE(history.Next(Tables({50, 40, 8, 2, 8}, false), {}).ok()) << "without the other table";
}

// In whatever order the next release names their terms.
TEST(FoundSums, AreInTheModelOnce) {
  ReleaseHistory history;
  ReleaseTables tables = Tables({30, 20, 8, 2, 8}, true);
  ASSERT_TRUE(history.Next(tables, {}).ok());
  const size_t relations = history.model().relations();
  for (ReleaseRelation& relation : tables.relations)
    std::reverse(relation.terms.begin(), relation.terms.end());
  ASSERT_TRUE(history.Next(tables, {}).ok());
  EXPECT_EQ(history.model().relations(), relations);
}

}  // namespace
}  // namespace kpr::disclosure
