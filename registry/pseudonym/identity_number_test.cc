// Vectors of Skatteetaten and navikt/fnrvalidator (reference: fnr). All are synthetic or made to be invalid.
#include "registry/pseudonym/identity_number.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/ids.h"

namespace kpr {
namespace {

TEST(IdentityTest, ValidNumbers) {
  for (const char* n :
       {"13097248022", "29029648784", "29020075838", "15021951940", "10915596784", "02013299997",
        "30108299920", "30108299939", "30908299902", "20036914700", "03851598730", "29020073150"}) {
    EXPECT_EQ(CheckIdentity(1, n), IdentityCheck::kOk) << n;
  }
  for (const char* n : {"53097248016", "50846202355", "70108299914", "55102499947", "41819077906",
                        "41819077302", "68467038838"}) {
    EXPECT_EQ(CheckIdentity(2, n), IdentityCheck::kOk) << n;
  }
  EXPECT_EQ(CheckIdentity(3, "13527248013"), IdentityCheck::kOk);
}

TEST(IdentityTest, InvalidNumbers) {
  EXPECT_EQ(CheckIdentity(1, "13097248032"), IdentityCheck::kCheckDigit);
  EXPECT_EQ(CheckIdentity(1, "13097248023"), IdentityCheck::kCheckDigit);
  EXPECT_EQ(CheckIdentity(1, "20036914712"), IdentityCheck::kCheckDigit);
  EXPECT_EQ(CheckIdentity(1, "32127248022"), IdentityCheck::kDate);
  EXPECT_EQ(CheckIdentity(1, "13137248022"), IdentityCheck::kDate);
  EXPECT_EQ(CheckIdentity(1, "29020112345"), IdentityCheck::kDate);
  EXPECT_EQ(CheckIdentity(1, "29020105729"), IdentityCheck::kDate);
  EXPECT_EQ(CheckIdentity(1, "1309724802"), IdentityCheck::kFormat);
  EXPECT_EQ(CheckIdentity(1, "130972480222"), IdentityCheck::kFormat);
  EXPECT_EQ(CheckIdentity(1, "1309724802x"), IdentityCheck::kFormat);
  EXPECT_EQ(CheckIdentity(1, "53097248016"), IdentityCheck::kDate) << "a D-number is not of type 1";
  EXPECT_EQ(CheckIdentity(2, "13097248022"), IdentityCheck::kDate) << "a birth number is not of type 2";
  EXPECT_EQ(CheckIdentity(11, "13097248022"), IdentityCheck::kUnknownType);
}

TEST(IdentityTest, EverySingleDigitErrorOfTheOldRuleIsSeen) {
  const std::string number = "13097248022";
  for (size_t at = 0; at < number.size(); ++at) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string wrong = number;
      wrong[at] = digit;
      if (digit != number[at]) {
        EXPECT_NE(CheckIdentity(1, wrong), IdentityCheck::kOk) << wrong;
      }
    }
  }
}

TEST(IdentityTest, OtherKinds) {
  EXPECT_EQ(CheckIdentity(9, "290224"), IdentityCheck::kOk);
  EXPECT_EQ(CheckIdentity(9, "300224"), IdentityCheck::kDate);
  EXPECT_EQ(CheckIdentity(4, "N1234567"), IdentityCheck::kOk);
  EXPECT_EQ(CheckIdentity(4, "with blank"), IdentityCheck::kFormat);
  // DUF: sum of year and running number by weights 4 6 3 2 4 6 3 2 7 5, modulo 11.
  const int sum = 2 * 4 + 0 * 6 + 1 * 3 + 9 * 2 + 1 * 4 + 2 * 6 + 3 * 3 + 4 * 2 + 5 * 7 + 6 * 5;
  char check[8];
  std::snprintf(check, sizeof check, "%02d", sum % 11);
  EXPECT_EQ(CheckIdentity(10, std::string("2019123456") + check), IdentityCheck::kOk);
  EXPECT_EQ(CheckIdentity(10, "201912345699"), IdentityCheck::kCheckDigit);
}

TEST(IdentityTest, IsFoundInTextAndInUuidsMadeAroundIt) {
  EXPECT_TRUE(HoldsIdentityNumber("p-10915596784"));
  EXPECT_TRUE(HoldsIdentityNumber("109155 96784"));
  EXPECT_FALSE(HoldsIdentityNumber("10915596785"));
  EXPECT_TRUE(IsMadeOfIdentityNumber("00000000-0000-4000-8000-010915596784"));
  EXPECT_TRUE(IsMadeOfIdentityNumber("10915596-7840-4000-8000-000000000000"));
  EXPECT_FALSE(IsMadeOfIdentityNumber("7b9e1c34-0d2f-4a58-9c61-010915596784")) << "the rest is random";
  EXPECT_FALSE(IsMadeOfIdentityNumber("669946e9-94a8-446a-8861-229709404aea"))
      << "so is it here, of six digits";
}

TEST(IdentityTest, IsFoundInStoredBytesButNotInRandomIds) {
  EXPECT_EQ(FindIdentityNumber(std::string("\x0a\x0b") + "10915596784\x12"), 2u);
  EXPECT_EQ(FindIdentityNumber("id 00000000-0000-4000-8000-010915596784"), 3u);
  EXPECT_FALSE(FindIdentityNumber(""));
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    Uuid id;
    for (uint8_t& byte : id.bytes) byte = static_cast<uint8_t>(random());
    const std::string text = id.ToString();
    ASSERT_FALSE(IsMadeOfIdentityNumber(text)) << text;
    ASSERT_FALSE(FindIdentityNumber("$" + text + "\x10")) << text;
  }
}

}  // namespace
}  // namespace kpr
