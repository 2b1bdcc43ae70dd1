#include "ingest/feedback/cursor.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

TEST(CursorTest, ComesBackAsItWas) {
  const Cursor cursor{7, {12, 0, UINT64_C(9999999999999999999)}};
  const auto again = Cursor::Parse(cursor.ToString(), 7, 3);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->next, cursor.next);
}

TEST(CursorTest, OfAnotherEpochStartsOver) {
  const auto again = Cursor::Parse("g6.12.0", 7, 2);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->next, (std::vector<uint64_t>{0, 0}));
  EXPECT_EQ(Cursor::Parse("", 7, 2)->next, (std::vector<uint64_t>{0, 0}));
}

TEST(CursorTest, WhatIsNoCursorIsNone) {
  for (const char* text : {"7.1.2", "g", "g7", "g7.1", "g7.1.2.3", "g7.1.x", "g7..2", "g7.-1.2", "g7.1.2 ",
                           "g7.99999999999999999999.2", "g7.1.", "G7.1.2"})
    EXPECT_FALSE(Cursor::Parse(text, 7, 2)) << text;
}

}  // namespace
}  // namespace kpr
