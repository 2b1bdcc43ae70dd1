#include "access/authorizer.h"

#include <gtest/gtest.h>

#include <vector>

#include "access/call_guard.h"
#include "access/method_table.h"

namespace kpr {
namespace {

constexpr char kValues[] = "kpr.v1.Indicators/GetIndicatorValues";
constexpr char kExplain[] = "kpr.v1.Indicators/ExplainIndicatorValue";
constexpr char kSubmit[] = "kpr.v1.Ingest/SubmitEvents";
const Municipality kOwn{1103}, kOther{5001};

class AuthorizerTest : public testing::Test {
 protected:
  void Grant_(const std::string& name, std::set<Role> roles) {
    Policy policy = *policy_.Get();
    policy.grants[name].roles = std::move(roles);
    policy.grants[name].municipalities = {kOwn};
    policy_.Set(std::move(policy));
  }
  void Forbid_(Forbid forbid) {
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
  Grant_("reader", {Role::kMunicipalReader});
  Grant_("national", {Role::kNationalReader});
  EXPECT_TRUE(Sees("reader", kValues, kOwn));
  EXPECT_FALSE(Sees("reader", kValues, kOther));
  EXPECT_FALSE(Sees("reader", kValues, std::nullopt));
  EXPECT_FALSE(Sees("reader", kExplain, kOwn));
  EXPECT_TRUE(Sees("national", kValues, kOther));
  EXPECT_TRUE(Sees("national", kExplain, std::nullopt));
}

// The wider of two roles counts, but only for methods that it opens.
TEST_F(AuthorizerTest, RolesAddUp) {
  Grant_("both", {Role::kMunicipalReader, Role::kOperator});
  EXPECT_FALSE(Sees("both", kValues, kOther));
  EXPECT_TRUE(Calls("both", "kpr.v1.Operations/GetStatus"));
  EXPECT_FALSE(Calls("both", kSubmit));
}

TEST_F(AuthorizerTest, AForbidWins) {
  Grant_("national", {Role::kNationalReader});
  Forbid forbid;
  forbid.principal = "national";
  forbid.method = kExplain;
  Forbid_(forbid);
  EXPECT_FALSE(Calls("national", kExplain));
  EXPECT_EQ(denials_.back().rule, "forbid 1 of the policy");
  EXPECT_TRUE(Calls("national", kValues));
  Forbid place;
  place.municipality = kOther;
  Forbid_(place);
  EXPECT_FALSE(Sees("national", kValues, kOther));
  EXPECT_FALSE(Sees("national", kValues, std::nullopt));  // all of them includes the forbidden one
  EXPECT_TRUE(Sees("national", kValues, kOwn));
}

TEST_F(AuthorizerTest, AReplacedPolicyCountsFromTheNextCall) {
  Grant_("urn:s", {Role::kSender});
  const auto grant = authorizer_.SenderGrant("urn:s");
  ASSERT_NE(grant, nullptr);
  policy_.Set(Policy());
  EXPECT_TRUE(grant->Covers(kOwn));  // what was handed out stays whole
  EXPECT_EQ(authorizer_.SenderGrant("urn:s"), nullptr);
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
