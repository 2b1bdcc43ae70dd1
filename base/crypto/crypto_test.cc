#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto/hash.h"
#include "base/crypto/sealed.h"
#include "base/crypto/signature.h"

namespace kpr::crypto {
namespace {

// FIPS 180-4, examples.
TEST(Hash, OfKnownTexts) {
  EXPECT_EQ(Sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Bytes("abc").substr(0, 2), "\xba\x78");
}

// RFC 4648, section 10.
TEST(Base64, HasOneSpelling) {
  for (const auto& [plain, text] :
       {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(ToBase64(plain), text);
    EXPECT_EQ(FromBase64(text), plain);
  }
  for (const char* wrong : {"Zg", "Zh==", "Zg=", "Z===", "!m8=", "Zm8=\n"})
    EXPECT_EQ(FromBase64(wrong), std::nullopt);
}

TEST(Sealed, OpensOnlyUnchangedWithItsKeyAndContext) {
  const std::string key(32, 'k');
  const auto sealed = Seal(key, "who read what", "7");
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(*Open(key, *sealed, "7"), "who read what");
  EXPECT_NE(*sealed, *Seal(key, "who read what", "7"));
  EXPECT_EQ(Open(key, *sealed, "8").status().code(), Code::kDataLoss);
  EXPECT_EQ(Open(std::string(32, 'l'), *sealed, "7").status().code(), Code::kDataLoss);
  for (size_t i = 0; i < sealed->size(); ++i) {
    std::string changed = *sealed;
    changed[i] ^= 1;
    EXPECT_EQ(Open(key, changed, "7").status().code(), Code::kDataLoss) << i;
  }
  EXPECT_EQ(Open(key, "short", "7").status().code(), Code::kDataLoss);
}

TEST(Signature, IsOfItsKeyAndText) {
  const auto key = SigningKey::Generate(), other = SigningKey::Generate();
  const auto signature = key->Sign("text");
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(SignedBy("text", *signature, key->public_key()));
  EXPECT_FALSE(SignedBy("texts", *signature, key->public_key()));
  EXPECT_FALSE(SignedBy("text", *signature, other->public_key()));
  EXPECT_FALSE(SignedBy("text", *signature, "no key"));
  EXPECT_EQ(SigningKey::FromPem(key->ToPem())->public_key(), key->public_key());
}

}  // namespace
}  // namespace kpr::crypto
