#include "registry/pseudonym/pseudonymizer.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

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
  chmod(path.c_str(), 0640);
  EXPECT_EQ(Pseudonymizer::FromFile(path).status().code(), Code::kFailedPrecondition);
  std::filesystem::remove(path);
  EXPECT_FALSE(Pseudonymizer::FromFile(path).ok());
}

TEST(PseudonymizerTest, AKeyFileIsHexadecimalAndNothingElse) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("kpr-hex-" + std::to_string(getpid()))).string();
  const std::string good(64, 'a');
  for (const std::string& text : {good.substr(1), good + " ", " " + good, "0x" + good, good.substr(2) + "g1",
                                  good + "\n" + good, std::string(62, 'a'), std::string()}) {
    std::ofstream(path) << text << '\n';
    chmod(path.c_str(), 0600);
    EXPECT_FALSE(Pseudonymizer::FromFile(path).ok()) << text;
  }
  std::ofstream(path) << good << '\n';
  EXPECT_TRUE(Pseudonymizer::FromFile(path).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace kpr
