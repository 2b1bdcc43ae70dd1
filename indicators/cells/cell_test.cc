#include "indicators/cells/cell.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

TEST(CellKey, DecodesWhatItEncodes) {
  CellKey key;
  key.indicator = 0x12345679;
  key.period = ReferencePeriod::kTertial;
  key.year = 2024;
  key.place = CellPlace::At({301}, {974760673});
  key.sex = 2;
  key.age = BandsFromBits(0b0110000);
  CellKey decoded;
  ASSERT_TRUE(CellKey::Decode(key.Encode(), &decoded));
  EXPECT_EQ(decoded, key);
  EXPECT_FALSE(CellKey::Decode(key.Encode() + "x", &decoded));
  EXPECT_FALSE(CellKey::Decode(key.Encode().substr(1), &decoded));
  key.age = kAgeBands;
  EXPECT_FALSE(CellKey::Decode(key.Encode(), &decoded)) << "no such band";
}

TEST(AgeBands, OneOrSeveral) {
  for (uint8_t band = 0; band < kAgeBands; ++band) EXPECT_EQ(BandsFromBits(BandBits(band)), band);
  for (int bits = 1; bits < 128; ++bits) EXPECT_EQ(BandBits(BandsFromBits(static_cast<uint8_t>(bits))), bits);
  EXPECT_EQ(AgeBandName(BandsFromBits(0b0110000)), "67-79 and 80-89");
  EXPECT_EQ(AgeBandName(0), "unknown");
  EXPECT_EQ(AgeBandName(6), "90+");
}

TEST(CellRange, HoldsTheIndicatorsKeysOfThePeriodOnly) {
  const auto [first, end] = CellRange(7, ReferencePeriod::kMonth);
  CellKey key;
  key.indicator = 7;
  for (const ReferencePeriod period :
       {ReferencePeriod::kLastDay, ReferencePeriod::kMonth, ReferencePeriod::kYear}) {
    key.period = period;
    key.place = CellPlace::At({9999}, {999'999'999});
    const std::string encoded = key.Encode();
    EXPECT_EQ(first <= encoded && encoded < end, period == ReferencePeriod::kMonth);
  }
}

}  // namespace
}  // namespace kpr
