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
}

}  // namespace
}  // namespace kpr
