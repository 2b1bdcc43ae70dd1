#include "base/ids.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace kpr {
namespace {

TEST(UuidTest, RoundTripAndRefusals) {
  const std::string text = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
  EXPECT_EQ(Uuid::Parse(text)->ToString(), text);
  for (const char* bad : {"", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f", "0f1e2d3c4b5a-6978-8796-a5b4c3d2e1f00-",
                          "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1g0"}) {
    EXPECT_FALSE(Uuid::Parse(bad)) << bad;
  }
}

TEST(ProviderTest, CheckDigit) {
  EXPECT_TRUE(Provider::Parse("974760673"));
  EXPECT_FALSE(Provider::Parse("974760674"));
  EXPECT_FALSE(Provider::Parse("97476067"));
  EXPECT_FALSE(Provider::Parse("97476067a"));
}

TEST(MunicipalityTest, LeadingZero) {
  EXPECT_EQ(Municipality::Parse("0301")->ToString(), "0301");
  EXPECT_EQ(Municipality::Parse("0301")->county(), 3);
  EXPECT_FALSE(Municipality::Parse("301"));
}

TEST(BytesTest, SignedVarintsOfEverySize) {
  for (int shift = 0; shift < 63; ++shift) {
    const int64_t power = int64_t{1} << shift;
    for (const int64_t value : {power, -power, power - 1, INT64_MAX, INT64_MIN}) {
      std::string bytes;
      PutSigned(&bytes, value);
      ByteReader reader(bytes);
      EXPECT_EQ(reader.Signed(), value);
      EXPECT_TRUE(reader.empty() && !reader.failed());
    }
  }
}

TEST(BytesTest, ReadingPastTheEndFails) {
  ByteReader reader(std::string_view("\xff\xff", 2));
  EXPECT_EQ(reader.Varint(), 0u);
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace kpr
