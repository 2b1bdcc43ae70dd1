#include "access/authorizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "access/access_service.h"
#include "access/call_guard.h"
#include "access/method_table.h"
#include "kpr/v1/extract.pb.h"
#include "kpr/v1/indicator.pb.h"
#include "kpr/v1/ingest.pb.h"
#include "kpr/v1/operations.pb.h"
#include "kpr/v1/subject.pb.h"

namespace kpr {
namespace {

constexpr char kValues[] = "kpr.v1.Indicators/GetIndicatorValues";
constexpr char kExplain[] = "kpr.v1.Indicators/ExplainIndicatorValue";
constexpr char kSubmit[] = "kpr.v1.Ingest/SubmitEvents";
const Municipality kOwn{1103}, kOther{5001};

class AuthorizerTest : public testing::Test {
 protected:
  void AddGrant(const std::string& name, std::set<Role> roles) {
    Policy policy = *policy_.Get();
    policy.grants[name].roles = std::move(roles);
    policy.grants[name].municipalities = {kOwn};
    policy_.Set(std::move(policy));
  }
  void AddForbid(Forbid forbid) {
    Policy policy = *policy_.Get();
    policy.forbids.push_back(std::move(forbid));
    policy_.Set(std::move(policy));
  }
  bool Calls(const std::string& name, const std::string& method) {
    return authorizer_.AuthorizeCall(name, method).allowed;
  }
  bool Sees(const std::string& name, const std::string& method, std::optional<Municipality> municipality) {
    return authorizer_.AuthorizeMunicipality(name, method, municipality).allowed;
  }

  Swappable<Policy> policy_{Policy()};
  std::vector<Denial> denials_;
  Authorizer authorizer_{&policy_, [this](const Denial& denial) { denials_.push_back(denial); }};
};

TEST_F(AuthorizerTest, NobodyMayDoAnythingByDefault) {
  for (const MethodRow& row : MethodTable())
    EXPECT_FALSE(Calls("urn:x", std::string(row.method))) << row.method;
  EXPECT_EQ(denials_.size(), MethodTable().size());
  EXPECT_EQ(denials_.front().rule, "'urn:x' is not in the policy");
}

TEST_F(AuthorizerTest, AMethodWithoutARowIsClosedToAll) {
  Policy policy = Policy::AllowLoopback();
  policy_.Set(std::move(policy));
  EXPECT_TRUE(Calls(kLoopback, kSubmit));
  EXPECT_FALSE(Calls(kLoopback, "kpr.v1.Ingest/DeleteEverything"));
}

TEST_F(AuthorizerTest, MunicipalRolesSeeTheirOwnOnly) {
  AddGrant("reader", {Role::kMunicipalReader});
  AddGrant("national", {Role::kNationalReader});
  EXPECT_TRUE(Sees("reader", kValues, kOwn));
  EXPECT_FALSE(Sees("reader", kValues, kOther));
  EXPECT_FALSE(Sees("reader", kValues, std::nullopt));
  EXPECT_FALSE(Sees("reader", kExplain, kOwn));
  EXPECT_TRUE(Sees("national", kValues, kOther));
  EXPECT_TRUE(Sees("national", kExplain, std::nullopt));
}

TEST_F(AuthorizerTest, ListsLeaveOutWithoutARefusal) {
  AddGrant("reader", {Role::kMunicipalReader});
  AddForbid({.principal = "reader", .method = kExplain});
  EXPECT_TRUE(authorizer_.MaySee("reader", kValues, kOwn));
  EXPECT_FALSE(authorizer_.MaySee("reader", kValues, kOther));
  EXPECT_FALSE(authorizer_.MaySee("nobody", kValues, kOwn));
  AddForbid({.municipalities = {kOwn}});
  EXPECT_FALSE(authorizer_.MaySee("reader", kValues, kOwn));
  EXPECT_TRUE(denials_.empty());
}

TEST_F(AuthorizerTest, EveryRoleHasItsNameInMessages) {
  std::set<v1::CallerRole> names;
  for (const Role role : AllRoles()) {
    names.insert(ToProto(role));
    std::string name = "CALLER_ROLE_" + std::string(RoleName(role));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    EXPECT_EQ(v1::CallerRole_Name(ToProto(role)), name);
  }
  EXPECT_EQ(names.size(), AllRoles().size());
  AddGrant("both", {Role::kOperator, Role::kApprover});
  EXPECT_EQ(authorizer_.RolesOf("both"), (std::set{Role::kOperator, Role::kApprover}));
  EXPECT_TRUE(authorizer_.RolesOf("nobody").empty());
}

// The wider of two roles counts, but only for methods that it opens.
TEST_F(AuthorizerTest, RolesAddUp) {
  AddGrant("both", {Role::kMunicipalReader, Role::kOperator});
  EXPECT_FALSE(Sees("both", kValues, kOther));
  EXPECT_TRUE(Calls("both", "kpr.v1.Operations/GetStatus"));
  EXPECT_FALSE(Calls("both", kSubmit));
}

TEST_F(AuthorizerTest, AForbidWins) {
  AddGrant("national", {Role::kNationalReader});
  Forbid forbid;
  forbid.principal = "national";
  forbid.method = kExplain;
  AddForbid(forbid);
  EXPECT_FALSE(Calls("national", kExplain));
  EXPECT_EQ(denials_.back().rule, "forbid 1 of the policy");
  EXPECT_TRUE(Calls("national", kValues));
  Forbid place;
  place.municipalities = {kOther};
  AddForbid(place);
  EXPECT_FALSE(Sees("national", kValues, kOther));
  EXPECT_FALSE(Sees("national", kValues, std::nullopt));  // all of them includes the forbidden one
  EXPECT_TRUE(Sees("national", kValues, kOwn));
}

TEST_F(AuthorizerTest, AReplacedPolicyCountsFromTheNextCall) {
  AddGrant("urn:s", {Role::kSender});
  const auto grant = authorizer_.SenderGrant("urn:s");
  ASSERT_NE(grant, nullptr);
  policy_.Set(Policy());
  EXPECT_TRUE(grant->Covers(kOwn));  // what was handed out stays whole
  EXPECT_EQ(authorizer_.SenderGrant("urn:s"), nullptr);
}

TEST_F(AuthorizerTest, AForbidNarrowsWhatASenderMaySend) {
  Policy policy;
  policy.grants["urn:s"] = {{Role::kSender}, {kOwn, kOther}};
  policy.grants["urn:t"] = policy.grants["urn:s"];
  Forbid place;
  place.principal = "urn:s";
  place.municipalities = {kOther};
  policy.forbids = {place};
  policy_.Set(policy);
  EXPECT_TRUE(authorizer_.SenderGrant("urn:s")->Covers(kOwn));
  EXPECT_FALSE(authorizer_.SenderGrant("urn:s")->Covers(kOther));
  EXPECT_TRUE(authorizer_.SenderGrant("urn:t")->Covers(kOther));
  Forbid all;
  all.role = Role::kSender;
  policy.forbids.push_back(all);
  policy_.Set(policy);
  EXPECT_EQ(authorizer_.SenderGrant("urn:t"), nullptr);
}

// Every method of every service, every role, and about whom: written down here a second time, by hand. One
// character for each role in the order of AllRoles: '-' no call, 'o' own municipalities only, 'a' all.
const std::map<std::string, std::string> kMatrix = {
    {"kpr.v1.Ingest/SubmitEvents", "o-----------"},
    {"kpr.v1.Ingest/GetSubmissionState", "o-----------"},
    {"kpr.v1.Ingest/CloseChainGaps", "o-----------"},
    {"kpr.v1.Ingest/SubmitMessage", "o-----------"},
    {"kpr.v1.Ingest/WatchFindings", "o-----------"},
    {"kpr.v1.Ingest/ListFindings", "o-----------"},
    {"kpr.v1.Ingest/GetDataQualityReport", "ooa---------"},
    {"kpr.v1.Indicators/ListIndicators", "-oa---------"},
    {"kpr.v1.Indicators/GetIndicatorValues", "-oa---------"},
    {"kpr.v1.Indicators/WatchIndicatorValues", "-oa---------"},
    {"kpr.v1.Indicators/ExplainIndicatorValue", "--a---------"},
    {"kpr.v1.Indicators/ListIndicatorRevisions", "-oa---------"},
    {"kpr.v1.Indicators/CompareMunicipalities", "-oa---------"},
    {"kpr.v1.Indicators/GetMunicipalityAttributes", "-oa---------"},
    {"kpr.v1.Operations/GetStatus", "---a--------"},
    {"kpr.v1.Extracts/ListVariables", "ooaaaaaaaaaa"},
    {"kpr.v1.Extracts/CheckExtract", "-------aaa--"},
    {"kpr.v1.Extracts/ProposeExtract", "-------a----"},
    {"kpr.v1.Extracts/ApproveExtract", "--------aa--"},
    {"kpr.v1.Extracts/RejectExtract", "--------aa--"},
    {"kpr.v1.Extracts/RevokeExtract", "--------aa--"},
    {"kpr.v1.Extracts/BuildExtract", "--------a---"},
    {"kpr.v1.Extracts/WatchExtract", "-------aaa--"},
    {"kpr.v1.Extracts/GetExtract", "-------aaa--"},
    {"kpr.v1.Extracts/ListExtracts", "-------aaa--"},
    {"kpr.v1.Extracts/GetExtractFile", "-------a----"},
    {"kpr.v1.Extracts/GetLinkageKey", "-----------a"},
    {"kpr.v1.Extracts/ExpireExtract", "-------aa---"},
    {"kpr.v1.Subjects/GetSubjectAccess", "----------a-"},
};

TEST_F(AuthorizerTest, EveryMethodForEveryRole) {
  std::set<std::string> methods;
  for (const auto* file : {v1::EventBatch::descriptor()->file(), v1::IndicatorTable::descriptor()->file(),
                           v1::NodeStatus::descriptor()->file(), v1::Extract::descriptor()->file(),
                           v1::SubjectAccess::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j)
        methods.insert(file->service(i)->full_name() + "/" + file->service(i)->method(j)->name());
    }
  }
  for (const std::string& method : methods) {
    ASSERT_TRUE(kMatrix.contains(method)) << method;
    const std::string& expected = kMatrix.at(method);
    ASSERT_EQ(expected.size(), AllRoles().size());
    for (size_t i = 0; i < expected.size(); ++i) {
      const std::string name(RoleName(AllRoles()[i]));
      AddGrant(name, {AllRoles()[i]});
      const std::string where = method + " as " + name;
      EXPECT_EQ(Calls(name, method), expected[i] != '-') << where;
      EXPECT_EQ(Sees(name, method, kOwn), expected[i] != '-') << where;
      EXPECT_EQ(Sees(name, method, kOther), expected[i] == 'a') << where;
      EXPECT_EQ(Sees(name, method, std::nullopt), expected[i] == 'a') << where;
    }
  }
  EXPECT_EQ(methods.size(), kMatrix.size());
}

TEST(SenderNameTest, TheCertificateDecides) {
  EXPECT_EQ(*SenderName("urn:a", ""), "urn:a");
  EXPECT_EQ(*SenderName("urn:a", "urn:a"), "urn:a");
  EXPECT_FALSE(SenderName("urn:a", "urn:b").ok());
  EXPECT_EQ(*SenderName(kLoopback, "1103"), "1103");
  for (const char* bad : {"", "two words", "\x01", "\xc3\xa6"})
    EXPECT_FALSE(SenderName(kLoopback, bad).ok()) << bad;
}

}  // namespace
}  // namespace kpr
