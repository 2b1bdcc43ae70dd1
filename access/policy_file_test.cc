#include "access/policy_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kpr {
namespace {

// 5501 includes its earlier codes; 9998 is unknown.
std::vector<Municipality> Cover(Municipality named) {
  if (named.code == 9998) return {};
  if (named.code == 5501) return {{1902}, {5401}, {5501}};
  return {named};
}

Result<Policy> Read(const std::string& text) {
  const auto path =
      std::filesystem::temp_directory_path() / ("kpr-policy-" + std::to_string(getpid()) + ".toml");
  std::ofstream(path) << text;
  auto policy = ReadPolicy(path.string(), Cover);
  std::filesystem::remove(path);
  return policy;
}

TEST(PolicyFileTest, ReadsPrincipalsAndForbids) {
  const auto policy = Read(R"(
[[principal]]
name = "urn:kpr:sender:5501"
roles = ["sender", "municipal_reader"]
municipalities = ["5501"]
service_types = [15, 21]
providers = ["974760673"]
person_authority = true
continues = "urn:kpr:sender:before"
[[forbid]]
role = "municipal_reader"
method = "kpr.v1.Indicators/CompareMunicipalities"
municipality = "5501"
)");
  ASSERT_TRUE(policy.ok()) << policy.status().message();
  const Grant& grant = policy->grants.at("urn:kpr:sender:5501");
  EXPECT_TRUE(grant.Has(Role::kSender) && grant.Has(Role::kMunicipalReader) && !grant.Has(Role::kOperator));
  EXPECT_TRUE(grant.Covers({1902}) && grant.Covers({5401}) && grant.Covers({5501}) && !grant.Covers({5001}));
  EXPECT_TRUE(grant.MaySendServiceType(21) && !grant.MaySendServiceType(1));
  EXPECT_TRUE(grant.MayReportOf("974760673") && !grant.MayReportOf("938801363"));
  EXPECT_TRUE(grant.MayTellOfPersons());
  EXPECT_EQ(grant.continues, "urn:kpr:sender:before");
  ASSERT_EQ(policy->forbids.size(), 1u);
  EXPECT_EQ(policy->forbids[0].role, Role::kMunicipalReader);
  EXPECT_EQ(policy->forbids[0].municipalities, grant.municipalities) << "a forbid covers what a grant covers";
}

TEST(PolicyFileTest, SaysWhatIsWrongAndWhere) {
  const auto expect = [](const std::string& text, const std::string& part) {
    const auto policy = Read(text);
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_NE(policy.status().message().find(part), std::string::npos) << policy.status().message();
  };
  const std::string head = "[[principal]]\nname = \"urn:a\"\n";
  expect("[principal]\nname = \"urn:a\"\n", ":1: principal: expected [[principal]]");
  expect("readers = [\"urn:a\"]\n", ":1: readers: expected one of forbid, principal");
  expect(head, "principal urn:a has no roles");
  expect(head + "roles = [\"king\"]\n", ":3: roles: expected a role: sender,");
  expect(head + "roles = \"sender\"\n", ":3: roles: expected a list");
  expect(head + "roles = [\"sender\"]\n", "sender and municipal_reader need municipalities");
  expect(head + "roles = [\"sender\"]\nmunicipalities = [\"301\"]\n",
         ":4: municipalities: expected a municipality");
  expect(head + "roles = [\"sender\"]\nmunicipalities = [\"9998\"]\n",
         ":4: municipalities: expected a municipality");
  expect(head + "roles = [\"operator\"]\nrole = 1\n", ":4: role: expected one of");
  expect(head + "roles = [\"operator\"]\n" + head + "roles = [\"operator\"]\n",
         "principal urn:a is named twice");
  expect("[[principal]]\nname = \"loopback\"\nroles = [\"operator\"]\n", "a principal needs name");
  expect("[[forbid]]\nmethod = \"Ingest/SubmitEvents\"\n", "method: no method 'Ingest/SubmitEvents'");
  expect("[[forbid]]\n", "would forbid everything");
  expect("[[forbid]]\nmunicipality = \"9998\"\n", "municipality: expected a municipality");
  expect("[[principal\n", ":1:");
  expect(head + "providers = [\"974760674\"]\n", ":3: providers: expected an organisation number");
  expect(head + "person_authority = \"yes\"\n", ":3: person_authority: expected true or false");
  expect(head + "roles = [\"operator\"]\ncontinues = \"urn:a\"\n",
         "continues: expected the name of another sender");
  const std::string sender = "\"\nroles = [\"operator\"]\n";
  expect(head + "roles = [\"operator\"]\ncontinues = \"urn:b\"\n[[principal]]\nname = \"urn:b" + sender +
             "continues = \"urn:c\"\n",
         "urn:a continues urn:b, which continues urn:c: name that one");
  expect(head + "roles = [\"operator\"]\ncontinues = \"urn:c\"\n[[principal]]\nname = \"urn:b" + sender +
             "continues = \"urn:c\"\n",
         "principals urn:a and urn:b continue urn:c: a sender has one successor");
  // Two names with one number.
  expect("[[principal]]\nname = \"8yn0iYCKYHlIj4-BwPqk" + sender +
             "[[principal]]\nname = \"GReLUrM4wMqfg9yzV3KQ" + sender,
         "cannot tell 8yn0iYCKYHlIj4-BwPqk and GReLUrM4wMqfg9yzV3KQ apart");
}

}  // namespace
}  // namespace kpr
