#include "indicators/query/position_token.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

const std::vector<uint64_t> kPositions = {0, 17, 4'000'000'000'000};

TEST(PositionTokenTest, ComesBackAsItWas) {
  const auto again = ParsePositionToken(PositionToken(kPositions), 3);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, kPositions);
}

TEST(PositionTokenTest, ASlipOfTheHandIsNoToken) {
  const std::string token = PositionToken(kPositions);
  EXPECT_FALSE(ParsePositionToken(token, 2).ok());
  EXPECT_FALSE(ParsePositionToken(token + "00", 3).ok());
  EXPECT_FALSE(ParsePositionToken(token.substr(2), 3).ok());
  EXPECT_FALSE(ParsePositionToken("", 3).ok());
  for (size_t at = 0; at < token.size(); ++at) {
    std::string slipped = token;
    slipped[at] = slipped[at] == '0' ? '1' : '0';
    EXPECT_FALSE(ParsePositionToken(slipped, 3).ok()) << slipped;
  }
}

}  // namespace
}  // namespace kpr
