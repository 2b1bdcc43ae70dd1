#include "registry/codelists/codelists.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

Date Day(int year) {
  return Date::FromYmd(year, 1, 1);
}
std::string After(const char* code, int year) {
  std::string codes;
  for (const Municipality m : Descendants(*Municipality::Parse(code), Day(year)))
    codes += (codes.empty() ? "" : "+") + m.ToString();
  return codes;
}

TEST(MunicipalitiesTest, CountsByYear) {
  const std::pair<int, size_t> kExpected[] = {{2013, 428}, {2015, 428}, {2017, 426}, {2018, 422},
                                              {2019, 422}, {2020, 356}, {2023, 356}, {2024, 357}};
  for (const auto& [year, count] : kExpected) EXPECT_EQ(MunicipalitiesOn(Day(year)).size(), count) << year;
}

TEST(MunicipalitiesTest, DescendantsThroughMergersAndNewCodes) {
  EXPECT_EQ(After("0101", 2019), "0101");
  EXPECT_EQ(After("0101", 2020), "3001");
  EXPECT_EQ(After("0101", 2024), "3101");
  EXPECT_EQ(After("1018", 2020), "4204");
  EXPECT_EQ(After("1017", 2020), "4204");
  EXPECT_EQ(After("1601", 2020), "5001");
  EXPECT_EQ(After("1662", 2018), "5030");
  EXPECT_EQ(After("1662", 2020), "5001");
  EXPECT_EQ(After("1141", 2020), "1103");
  EXPECT_EQ(After("0716", 2020), "3803");
}

TEST(MunicipalitiesTest, ASplitHasSeveral) {
  EXPECT_EQ(After("1850", 2020), "1806+1875");
  EXPECT_EQ(After("5012", 2020), "5055+5056+5059");
  EXPECT_EQ(After("1507", 2024), "1508+1580");
  EXPECT_EQ(After("9876", 2024), "");
  const auto before = Ancestors(*Municipality::Parse("1103"), Day(2024));
  EXPECT_EQ(before.size(), 1u) << "itself, in force";
  EXPECT_EQ(Ancestors(*Municipality::Parse("4204"), Day(2019)).size(), 3u);
  EXPECT_EQ(After("1507", 2023), "1507");
}

TEST(MunicipalitiesTest, PredecessorsAreInForce) {
  for (const Municipality m : MunicipalitiesOn(Day(2024))) {
    for (int year = 2012; year <= 2024; ++year) {
      EXPECT_EQ(MunicipalityOn(Predecessor(m, Day(year)), Day(year)), CodeValidity::kInForce)
          << m.ToString() << " " << year;
    }
  }
}

TEST(MunicipalitiesTest, AWholePredecessorGoesBeforeAPart) {
  const Municipality hitra = *Municipality::Parse("5056"), haram = *Municipality::Parse("1580");
  EXPECT_EQ(Predecessor(hitra, Day(2019)).ToString(), "5013") << "5012 was split";
  EXPECT_EQ(Predecessor(haram, Day(2023)).ToString(), "1507");
  EXPECT_TRUE(EndsInSplit({1507}));
  EXPECT_TRUE(EndsInSplit({5012}));
  EXPECT_FALSE(EndsInSplit({5013}));
  EXPECT_FALSE(EndsInSplit(hitra)) << "in force";
}

TEST(MunicipalitiesTest, InForceOnTheDate) {
  const Municipality halden = *Municipality::Parse("3001");
  EXPECT_EQ(MunicipalityOn(halden, Date::FromYmd(2019, 12, 31)), CodeValidity::kNotInForce);
  EXPECT_EQ(MunicipalityOn(halden, Date::FromYmd(2020, 1, 1)), CodeValidity::kInForce);
  EXPECT_EQ(MunicipalityOn(halden, Date::FromYmd(2024, 1, 1)), CodeValidity::kNotInForce);
  EXPECT_EQ(MunicipalityOn(*Municipality::Parse("0099"), Day(2024)), CodeValidity::kUnknown);
  EXPECT_EQ(MunicipalityName(halden, Day(2022)), "Halden");
}

TEST(ServiceTypesTest, ValidityByDate) {
  EXPECT_EQ(ServiceType(21, Day(2024)), CodeValidity::kInForce);
  EXPECT_EQ(ServiceType(12, Day(2018)), CodeValidity::kInForce);
  EXPECT_EQ(ServiceType(12, Day(2019)), CodeValidity::kNotInForce);
  EXPECT_EQ(ServiceType(10, Day(2024)), CodeValidity::kUnknown);
  EXPECT_TRUE(ProviderRequired(21));
  EXPECT_FALSE(ProviderRequired(29));
}

}  // namespace
}  // namespace kpr
