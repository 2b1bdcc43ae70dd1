#include "access/client_certificate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kpr {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kDay = 86'400'000;

// Certificates made with the openssl command in a folder of their own.
class ClientCertificateTest : public testing::Test {
 protected:
  ClientCertificateTest() {
    fs::create_directories(folder_);
    MakeAuthority("ca");
    MakeAuthority("other");
  }
  ~ClientCertificateTest() override { fs::remove_all(folder_); }

  void Openssl(const std::string& arguments) {
    ASSERT_EQ(
        std::system(fmt::format("cd {} && openssl {} 2>/dev/null", folder_.string(), arguments).c_str()), 0);
  }
  void MakeAuthority(const std::string& name) {
    Openssl(fmt::format(
        "req -x509 -newkey rsa:2048 -nodes -keyout {0}.key -out {0}.crt -subj /CN={0} -days 3", name));
  }
  std::string Escaped(const std::string& extensions, const std::string& authority = "ca") {
    std::ofstream(folder_ / "ext") << extensions;
    Openssl("req -newkey rsa:2048 -nodes -keyout c.key -out c.csr -subj /CN=c");
    Openssl(fmt::format("x509 -req -in c.csr -CA {0}.crt -CAkey {0}.key -days 2 -out c.crt -extfile ext",
                        authority));
    std::stringstream text;
    text << std::ifstream(folder_ / "c.crt").rdbuf();
    std::string escaped;
    for (const char c : text.str())
      escaped += isalnum(c) != 0 ? std::string(1, c) : fmt::format("%{:02X}", c);
    return escaped;
  }
  static int64_t Now() { return time(nullptr) * 1000; }
  Result<std::string> Verify(const std::string& escaped, int64_t at = Now()) {
    auto verifier = CertificateVerifier::FromFiles((folder_ / "ca.crt").string(), revoked_);
    EXPECT_TRUE(verifier.ok()) << verifier.status().message();
    return verifier->Verify(escaped, at);
  }

  std::string revoked_;  // folder of lists
  const fs::path folder_ = fs::temp_directory_path() / fmt::format("kpr-certificate-{}", getpid());
};

TEST_F(ClientCertificateTest, TheAuthoritysCertificateNamesThePrincipal) {
  const std::string escaped = Escaped("subjectAltName=URI:urn:a,DNS:a.example");
  const auto verified = Verify(escaped);
  ASSERT_TRUE(verified.ok()) << verified.status().message();
  EXPECT_EQ(*verified, "urn:a");
  EXPECT_EQ(*UriOf(escaped), "urn:a");
}

TEST_F(ClientCertificateTest, WhatIsNotTheAuthoritysIsRefused) {
  const std::string own = Escaped("subjectAltName=URI:urn:a");
  for (const std::string& bad :
       {Escaped("subjectAltName=URI:urn:a", "other"), Escaped("subjectAltName=URI:urn:a,URI:urn:b"),
        Escaped("subjectAltName=DNS:a.example"),
        Escaped("subjectAltName=URI:urn:a\nextendedKeyUsage=serverAuth"), std::string(), std::string("%"),
        std::string("%2"), std::string("%zz"), std::string("urn:a"), own.substr(0, own.size() / 2)}) {
    EXPECT_EQ(Verify(bad).status().code(), Code::kInvalid) << bad;
  }
  EXPECT_FALSE(Verify(own, Now() + 3 * kDay).ok()) << "its time is over";
  EXPECT_FALSE(Verify(own, Now() - 3 * kDay).ok()) << "its time has not come";
}

TEST_F(ClientCertificateTest, ARevokedCertificateIsRefused) {
  const std::string escaped = Escaped("subjectAltName=URI:urn:a");
  revoked_ = (folder_ / "lists").string();
  fs::create_directories(revoked_);
  EXPECT_TRUE(Verify(escaped).ok()) << "no list yet";
  std::ofstream(folder_ / "index.txt").flush();
  std::ofstream(folder_ / "number") << "01\n";
  std::ofstream(folder_ / "ca.cnf") << "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=number\n"
                                       "default_md=sha256\ndefault_crl_days=2\n";
  const std::string ca = "ca -config ca.cnf -keyfile ca.key -cert ca.crt ";
  Openssl(ca + "-gencrl -out lists/ca.pem");
  Openssl("rehash lists");
  EXPECT_TRUE(Verify(escaped).ok()) << "not in the list";
  Openssl(ca + "-revoke c.crt");
  Openssl(ca + "-gencrl -out lists/ca.pem");
  EXPECT_EQ(Verify(escaped).status().code(), Code::kInvalid);
}

TEST_F(ClientCertificateTest, AnAuthorityThatIsNoneIsToldAtTheStart) {
  std::ofstream(folder_ / "none") << "none";
  EXPECT_EQ(CertificateVerifier::FromFiles((folder_ / "none").string(), "").status().code(), Code::kInvalid);
}

}  // namespace
}  // namespace kpr
