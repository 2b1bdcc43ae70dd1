// One sender and one person with more facts than any person has: what it costs the register is bounded.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "registry/read/finding_codec.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

std::map<FindingCode, int> Codes(RegistryFixture* world) {
  std::map<FindingCode, int> codes;
  for (const std::string& key : world->harness().Findings()) {
    TimelineFinding finding;
    EXPECT_TRUE(DecodeFindingKey(key, &finding));
    ++codes[finding.code];
  }
  return codes;
}

void ExpectAsABatch(RegistryFixture* world) {
  const auto differences = world->harness().VerifyDifferences();
  EXPECT_TRUE(differences.empty()) << differences.front();
}

TEST(ManyFacts, TheFirstOnesCountAndTheSenderIsTold) {
  RegistryFixture world;
  world.Born(1, "1940-01-01");
  world.Start(1, 21, "2023-01-01");
  v1::Event& review = world.Person(1, "2024-02-01");
  review.mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  const v1::Event first = review;
  for (size_t i = 3; i < limits::kFactsOfSubject; ++i)
    world.Person(1, "2023-06-01").mutable_doctor_assessment();
  world.Settle("2024-12-31");
  const auto before = world.harness().Export();
  EXPECT_EQ(Codes(&world), (std::map<FindingCode, int>{{FindingCode::kTooManyFacts, 1}}));
  // Another fact of that sender comes too late; a correction and another sender's fact do not.
  world.End(1, 21, "2024-01-15");
  world.Annul(first);
  v1::Event& other = world.Person(1, "2024-03-01");
  other.mutable_source()->set_district("north");
  other.mutable_dental_assessment();
  world.Start(2, 21, "2023-01-01");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_review", "2024").numerator, 0);
  EXPECT_EQ(world.Value("assessed_by_dental_staff", "2024").numerator, 1);
  EXPECT_EQ(world.Value("nursing_home_residents", "2024").ValueOr(0), 2) << "others go on";
  ExpectAsABatch(&world);
  const auto cells = world.harness().Export();
  EXPECT_NE(cells, before);
  world.harness().Rebuild();
  world.harness().WaitApplied();
  EXPECT_EQ(world.harness().Export(), cells);
}

// Another content under one id, again and again, is kept once.
TEST(ManyFacts, ContentsUnderOneIdDoNotGrowTheTimeline) {
  RegistryFixture world;
  v1::Event& first = world.Person(1, "2024-02-01");
  first.mutable_individual_plan();
  const v1::Event known = first;
  for (int day = 1; day <= 20; ++day) {
    const std::string on = "2024-03-" + std::string(day < 10 ? "0" : "") + std::to_string(day);
    v1::Event& again = world.Person(1, on);
    again.set_event_id(known.event_id());
    again.mutable_individual_plan();
  }
  world.Settle("2024-12-31");
  EXPECT_EQ(Codes(&world), (std::map<FindingCode, int>{{FindingCode::kConflictingContent, 1}}));
  size_t bytes = 0;
  for (uint32_t i = 0; i < 2; ++i) {
    const auto scanned = world.harness().registry().store(i)->Scan(
        Table::kTimelines, "", [&](std::string_view, std::string_view facts) {
          bytes += facts.size();
          return true;
        });
    ASSERT_TRUE(scanned.ok());
  }
  EXPECT_LE(bytes, 2 * 100u);
  ExpectAsABatch(&world);
}

// Services that all run at once: as many findings as services, not as pairs of them.
TEST(ManyFacts, OverlappingServicesAreToldOnceEach) {
  RegistryFixture world;
  constexpr int kServices = 3000;
  for (int i = 0; i < kServices; ++i) {
    auto* service = world.Person(1, "2024-01-01").mutable_service_started();
    service->set_service_id("s" + std::to_string(i));
    service->set_service_type(21);
    service->set_provider(kHomeA);
    service->set_hours_per_week(10);
  }
  world.Settle("2024-12-31");
  EXPECT_EQ(Codes(&world), (std::map<FindingCode, int>{{FindingCode::kOverlap, kServices - 1},
                                                       {FindingCode::kTooManyHours, kServices - 16}}));
  ExpectAsABatch(&world);
}

}  // namespace
}  // namespace kpr::test
