#include "indicators/cells/total.h"

#include <gtest/gtest.h>

#include "base/ids.h"

namespace kpr {
namespace {

CellKey Cell(uint16_t year) {
  CellKey cell;
  cell.indicator = 0x01020305;
  cell.period = ReferencePeriod::kYear;
  cell.year = year;
  cell.place = CellPlace::At({301}, {974760673});
  cell.sex = 1;
  cell.age = 4;
  return cell;
}

// As docs/formats.md has them.
TEST(Total, KeysAreIndicatorKindYearAndPlace) {
  EXPECT_EQ(ToHex(TotalKey::Of(Cell(2024), TotalsBy::kMonth).Encode()), "010203050307e801012d");
  EXPECT_EQ(ToHex(TotalKey::Of(Cell(2024), TotalsBy::kYear).Encode()), "010203050707e401012d");
  for (const TotalsBy by : {TotalsBy::kMonth, TotalsBy::kYear}) {
    const TotalKey key = TotalKey::Of(Cell(2019), by);
    TotalKey decoded;
    ASSERT_TRUE(TotalKey::Decode(key.Encode(), &decoded));
    EXPECT_EQ(decoded, key);
    for (size_t cut = 0; cut < key.Encode().size(); ++cut)
      EXPECT_FALSE(TotalKey::Decode(key.Encode().substr(0, cut), &decoded));
  }
  TotalKey damaged;
  EXPECT_FALSE(TotalKey::Decode(FromHex("010203050807e801012d").value(), &damaged)) << "no such kind";
  EXPECT_FALSE(TotalKey::Decode(FromHex("010203050307e8ff012d").value(), &damaged)) << "too many places";
  EXPECT_EQ(damaged.place.municipality_count, 0);
}

TEST(Total, ARangeHoldsTheTotalsWithAYearInIt) {
  const auto holds = [](TotalsBy by, int from, int to, uint16_t year) {
    const auto [first, end] = TotalRange(0x01020305, ReferencePeriod::kYear, by, from, to);
    const std::string key = TotalKey::Of(Cell(year), by).Encode();
    return first <= key && key < end;
  };
  EXPECT_TRUE(holds(TotalsBy::kMonth, 2019, 2020, 2019));
  EXPECT_TRUE(holds(TotalsBy::kMonth, 2019, 2020, 2020));
  EXPECT_FALSE(holds(TotalsBy::kMonth, 2019, 2020, 2018));
  EXPECT_FALSE(holds(TotalsBy::kMonth, 2019, 2020, 2021));
  EXPECT_TRUE(holds(TotalsBy::kYear, 2019, 2020, 2011)) << "with it in one entry";
  EXPECT_TRUE(holds(TotalsBy::kYear, 2019, 2020, 2029));
  EXPECT_FALSE(holds(TotalsBy::kYear, 2019, 2019, 2020));
  EXPECT_FALSE(holds(TotalsBy::kYear, 2020, 2025, 2019));
  EXPECT_FALSE(holds(TotalsBy::kMonth, 2020, 2019, 2020)) << "nothing in an empty one";
}

TEST(Total, TheYearOfTheMonthIsReadByMonthsUnlessItIsOver) {
  EXPECT_EQ(FirstYearByMonths(2024 * 12), 2024);
  EXPECT_EQ(FirstYearByMonths(2024 * 12 + 10), 2024);
  EXPECT_EQ(FirstYearByMonths(2024 * 12 + 11), 2025);
}

}  // namespace
}  // namespace kpr
