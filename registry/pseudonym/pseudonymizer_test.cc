#include "registry/pseudonym/pseudonymizer.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace kpr {
namespace {

const std::string kKey(32, 'k');

TEST(PseudonymizerTest, IsHmacSha256OfTypeAndNumber) {
  const auto made = Pseudonymizer::Create(kKey);
  ASSERT_TRUE(made.ok());
  const std::string message = "person|1|13097248022|";
  unsigned char digest[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest, &size);
  const SubjectId id = made->Person(1, "13097248022");
  EXPECT_EQ(id.kind(), SubjectKind::kPerson);
  EXPECT_EQ(id.view().substr(1), std::string_view(reinterpret_cast<char*>(digest), 15));
}

TEST(PseudonymizerTest, KeysTypesAndScopesKeepPersonsApart) {
  const auto a = Pseudonymizer::Create(kKey), b = Pseudonymizer::Create(std::string(32, 'j'));
  EXPECT_NE(a->Person(1, "13097248022"), b->Person(1, "13097248022"));
  EXPECT_NE(a->Person(1, "13097248022"), a->Person(4, "13097248022"));
  EXPECT_NE(a->Person(9, "010150", "0301|1"), a->Person(9, "010150", "0301|2"));
  EXPECT_FALSE(Pseudonymizer::Create("short").ok());
}

TEST(PseudonymizerTest, KeyFileIsMadeOnceAndPrivate) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("kpr-key-" + std::to_string(getpid()))).string();
  ASSERT_TRUE(MakeKeyFile(path).ok());
  const auto first = Pseudonymizer::FromFile(path);
  ASSERT_TRUE(first.ok()) << first.status().message();
  ASSERT_TRUE(MakeKeyFile(path).ok());
  EXPECT_EQ(first->Respondent("r"), Pseudonymizer::FromFile(path)->Respondent("r"));
  struct stat stats;
  stat(path.c_str(), &stats);
  EXPECT_EQ(stats.st_mode & 0777, 0600u);
  std::filesystem::remove(path);
  EXPECT_FALSE(Pseudonymizer::FromFile(path).ok());
}

}  // namespace
}  // namespace kpr
