#include "base/date.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

TEST(DateTest, ParsesOnlyDaysThatExist) {
  EXPECT_EQ(Date::Parse("1970-01-01")->days, 0);
  EXPECT_EQ(Date::Parse("2024-02-29")->ToString(), "2024-02-29");
  for (const char* bad :
       {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "2024-01-1x", "", "20240101", "2024-04-31"}) {
    EXPECT_FALSE(Date::Parse(bad)) << bad;
  }
}

TEST(DateTest, MonthsBackAreCutToTheMonth) {
  EXPECT_EQ(Date::Parse("2024-03-31")->MinusMonths(1).ToString(), "2024-02-29");
  EXPECT_EQ(Date::Parse("2024-02-29")->MinusMonths(12).ToString(), "2023-02-28");
  EXPECT_EQ(Date::Parse("2024-12-31")->MinusMonths(12).ToString(), "2023-12-31");
}

TEST(DateTest, AgeTurnsOnTheBirthday) {
  const Date birth = *Date::Parse("1950-06-15"), leap = *Date::Parse("1948-02-29");
  EXPECT_EQ(AgeOn(birth, *Date::Parse("2017-06-14")), 66);
  EXPECT_EQ(AgeOn(birth, *Date::Parse("2017-06-15")), 67);
  EXPECT_EQ(AgeOn(leap, *Date::Parse("2015-02-28")), 66);
  EXPECT_EQ(AgeOn(leap, *Date::Parse("2015-03-01")), 67);
}

TEST(DateTest, BeforeTheEpoch) {
  EXPECT_EQ(Date::FromUnixMillis(-1).ToString(), "1969-12-31");
  EXPECT_EQ(Date::FromUnixMillis(0).ToString(), "1970-01-01");
}

// Every day of 130 years lies in exactly the period that says it holds it.
TEST(PeriodTest, PeriodsTileTheCalendar) {
  for (const PeriodKind kind : {PeriodKind::kMonth, PeriodKind::kTertial, PeriodKind::kYear}) {
    for (Date day = Date::FromYmd(1920, 1, 1); day < Date::FromYmd(2050, 1, 1); day = day + 1) {
      const Period period = Period::Containing(kind, day);
      ASSERT_LE(period.first(), day);
      ASSERT_GE(period.last(), day);
      ASSERT_EQ(period.next().first(), period.last() + 1);
      ASSERT_EQ(Period::Parse(period.ToString()), period) << period.ToString();
    }
  }
}

TEST(PeriodTest, RefusesWhatIsNoPeriod) {
  for (const char* bad :
       {"", "20", "2024-T4", "2024-T0", "2024-13", "2024-00", "2024-1", "24-01", "2024-T12"}) {
    EXPECT_FALSE(Period::Parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace kpr
