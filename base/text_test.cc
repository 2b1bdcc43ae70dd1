#include "base/text.h"

#include <gtest/gtest.h>

namespace kpr {
namespace {

TEST(TextTest, IsCutBetweenLetters) {
  EXPECT_EQ(CutText("blåbær", 6), "blåb");
  EXPECT_EQ(CutText("blåbær", 7), "blåbæ");
  EXPECT_EQ(CutText("blåbær", 8), "blåbær");
  EXPECT_EQ(CutText("å", 1), "");
}

TEST(TextTest, CannotEndAnElementOrAnAttribute) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
  EXPECT_EQ(EscapeHtml(std::string_view("a\0b\x1b\tc\nå", 9)), "ab\tc\nå");
}

TEST(TextTest, WhatIsUtf8) {
  for (const char* text :
       {"", "Ålesund", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(IsUtf8(text)) << text;
  for (const char* text : {"\xC5lesund", "\xC3", "\xE2\x82", "\x80", "\xC0\xAF", "\xE0\x80\xAF",
                           "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xF8\x88\x80\x80\x80"})
    EXPECT_FALSE(IsUtf8(text)) << text;
}

}  // namespace
}  // namespace kpr
