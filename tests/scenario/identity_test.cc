// Identities that change again and again: what a hostile or broken sender can make of it is bounded.
#include <gtest/gtest.h>

#include "registry/read/finding_codec.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

// Changes that follow each other, from person `first` to `last`.
void Chain(RegistryFixture& world, uint64_t first, uint64_t last) {
  for (uint64_t person = first; person < last; ++person) world.Change(person, person + 1, "2024-01-02");
}

uint64_t LogRecords(RegistryFixture& world) {
  uint64_t records = 0;
  for (uint32_t i = 0; i < world.harness().log().partitions(); ++i) records += world.harness().log().End(i);
  return records;
}

bool HasFinding(RegistryFixture& world, FindingCode code) {
  bool found = false;
  for (const std::string& key : world.harness().Findings()) {
    TimelineFinding finding;
    if (DecodeFindingKey(key, &finding)) found = found || finding.code == code;
  }
  return found;
}

void ExpectExact(RegistryFixture& world) {
  const auto differences = world.harness().VerifyDifferences();
  EXPECT_TRUE(differences.empty()) << differences.front();
  const auto cells = world.harness().Export();
  world.harness().Rebuild();
  world.harness().WaitApplied();
  EXPECT_EQ(world.harness().Export(), cells) << "rebuild";
}

TEST(IdentityTest, FactsFollowEightChangesInARow) {
  for (const uint64_t changes : {8, 9}) {
    RegistryFixture world(&DefaultPlan(), 4);
    world.Start(1, 21, "2024-01-01");
    Chain(world, 1, 1 + changes);
    world.Settle("2024-12-31");
    EXPECT_EQ(world.Value("nursing_home_residents", "2024").ValueOr(0), changes == 8 ? 1 : 0);
    EXPECT_EQ(HasFinding(world, FindingCode::kIdentityChainTooLong), changes == 9);
    ExpectExact(world);
  }
}

TEST(IdentityTest, AChainOfThreeHundredStopsNobodyAndGrowsInLine) {
  RegistryFixture world(&DefaultPlan(), 4);
  for (int day = 1; day <= 20; ++day)
    world.Person(1, "2024-01-" + std::to_string(100 + day).substr(1)).mutable_preventive_home_visit();
  Chain(world, 1, 301);
  world.Start(1000, 21, "2024-01-01");  // someone else
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("nursing_home_residents", "2024").ValueOr(0), 1);
  // 20 facts and twice 300 changes were sent; each is handed on eight times at most.
  EXPECT_LT(LogRecords(world), 9u * 620u);
  EXPECT_TRUE(HasFinding(world, FindingCode::kIdentityChainTooLong));
  ExpectExact(world);
}

TEST(IdentityTest, AnIdentityIsChangedToEightOthersAtMost) {
  RegistryFixture world(&DefaultPlan(), 4);
  world.Start(1, 21, "2024-01-01");
  for (uint64_t other = 2; other <= 200; ++other) world.Change(1, other, "2024-01-02");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("nursing_home_residents", "2024").ValueOr(0), 1);
  EXPECT_LT(LogRecords(world), 9u * 400u);
  EXPECT_TRUE(HasFinding(world, FindingCode::kTooManyIdentityChanges));
  ExpectExact(world);
}

}  // namespace
}  // namespace kpr::test
