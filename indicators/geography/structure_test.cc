// Translation vectors of the reference (section 4).
#include "indicators/geography/structure.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

std::string In(int year, const char* code) {
  return Structure::Of(year).MunicipalityOf(*Municipality::Parse(code)).ToString();
}

TEST(StructureTest, CodesMoveForwardThroughNewCodesAndMergers) {
  EXPECT_EQ(In(2019, "0101"), "0101");
  EXPECT_EQ(In(2020, "0101"), "3001");
  EXPECT_EQ(In(2024, "0101"), "3101");
  EXPECT_EQ(In(2024, "1018"), "4204");
  EXPECT_EQ(In(2024, "1017"), "4204");
  EXPECT_EQ(In(2024, "1601"), "5001");
  EXPECT_EQ(In(2018, "1662"), "5030");
  EXPECT_EQ(In(2024, "1662"), "5001");
  EXPECT_EQ(In(2024, "1141"), "1103");
  EXPECT_EQ(In(2024, "1142"), "1103");
  EXPECT_EQ(In(2020, "0716"), "3803");
}

TEST(StructureTest, ASplitCodeIsNotAvailable) {
  EXPECT_EQ(In(2020, "1850"), "0000");
  EXPECT_EQ(In(2020, "5012"), "0000");
  EXPECT_EQ(In(2024, "1507"), "0000");
  EXPECT_EQ(In(2024, "1534"), "0000") << "Haram went through the whole of Ålesund";
}

TEST(StructureTest, ASplitInsideOneCountyKeepsTheCounty) {
  EXPECT_EQ(Structure::Of(2024).CountyOf({1507}), 15);
  EXPECT_EQ(Structure::Of(2020).CountyOf({1850}), 18);
  EXPECT_EQ(Structure::Of(2024).CountyOf({101}), 31);
  EXPECT_EQ(Structure::Of(2020).CountyOf({101}), 30);
  EXPECT_EQ(Structure::Of(2024).CountyOf({301}), 3);
}

TEST(StructureTest, BackwardOnlyWhereNothingWasMerged) {
  EXPECT_EQ(In(2019, "3001"), "0101");
  EXPECT_EQ(In(2012, "3101"), "0101");
  EXPECT_EQ(In(2019, "4204"), "0000") << "a merger of 1001, 1017 and 1018";
  EXPECT_EQ(In(2023, "1508"), "1507");
  EXPECT_EQ(In(2023, "1580"), "1507");
}

TEST(StructureTest, MunicipalitiesMadeFromASplitAreBlankBeforeIt) {
  const auto blank = [](int structure, uint16_t code, int year) {
    return Structure::Of(structure).NotComparable({code}, Date::FromYmd(year, 12, 31));
  };
  for (const int number : {5055, 5056, 5059, 1806, 1875}) {
    const auto code = static_cast<uint16_t>(number);
    EXPECT_TRUE(blank(2020, code, 2019)) << code;
    EXPECT_FALSE(blank(2020, code, 2020)) << code;
  }
  for (int year = 2020; year <= 2023; ++year) {
    EXPECT_TRUE(blank(2024, 1508, year)) << year;
    EXPECT_TRUE(blank(2024, 1580, year)) << year;
  }
  EXPECT_FALSE(blank(2024, 1508, 2024));
  EXPECT_FALSE(blank(2024, 4204, 2015)) << "a merger of whole ones is not blank";
  EXPECT_FALSE(blank(2024, 301, 2012));
}

TEST(StructureTest, HowManyThereWere) {
  EXPECT_EQ(Structure::Of(2015).municipalities().size(), 428u);
  EXPECT_EQ(Structure::Of(2017).municipalities().size(), 426u);
  EXPECT_EQ(Structure::Of(2018).municipalities().size(), 422u);
  EXPECT_EQ(Structure::Of(2020).municipalities().size(), 356u);
  EXPECT_EQ(Structure::Of(2024).municipalities().size(), 357u);
}

TEST(SizeGroupTest, Bounds) {
  EXPECT_EQ(SizeGroupName(*SizeGroup(1999)), "< 2000");
  EXPECT_EQ(SizeGroupName(*SizeGroup(2000)), "2000-4999");
  EXPECT_EQ(SizeGroupName(*SizeGroup(49'999)), "10000-49999");
  EXPECT_EQ(SizeGroupName(*SizeGroup(50'000)), ">= 50000");
  EXPECT_FALSE(SizeGroup(0));
}

}  // namespace
}  // namespace kpr
