// What one sender can do to another's events: nothing, and both are told.
#include <gtest/gtest.h>

#include <algorithm>

#include "registry/facts/subject.h"
#include "registry/read/finding_codec.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

constexpr char kNorth[] = "north", kSouth[] = "south";

v1::Event& From(const char* sender, v1::Event& event) {
  event.mutable_source()->set_district(sender);
  return event;
}

// Codes of what a sender is told, and every event id in it.
struct Told {
  std::vector<FindingCode> codes;
  std::vector<std::string> ids;
  bool operator==(const Told&) const = default;
};

Told ToldTo(const char* sender, RegistryFixture* world) {
  Told told;
  for (const std::string& key : world->harness().Findings()) {
    TimelineFinding finding;
    EXPECT_TRUE(DecodeFindingKey(key, &finding));
    if (finding.sender != SenderNumber(sender)) continue;
    told.codes.push_back(finding.code);
    for (const Uuid& id : {finding.event_id, finding.related})
      if (!id.is_zero()) told.ids.push_back(id.ToString());
  }
  return told;
}

void ExpectAsABatch(RegistryFixture* world) {
  const auto differences = world->harness().VerifyDifferences();
  EXPECT_TRUE(differences.empty()) << differences.front();
}

v1::Event& Review(RegistryFixture* world, const char* sender) {
  v1::Event& event = From(sender, world->Person(1, "2024-03-01"));
  event.mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  return event;
}

void LiveInANursingHome(RegistryFixture* world) {
  world->Born(1, "1940-01-01");
  world->Start(1, 21, "2023-01-01");
}

TEST(TwoSenders, ACorrectionByAnotherHasNoEffectAndBothAreTold) {
  RegistryFixture world;
  LiveInANursingHome(&world);
  const v1::Event review = Review(&world, kNorth);
  v1::Event annulment = review;
  annulment.set_event_id("ffffffff-0000-4000-8000-000000000001");
  annulment.set_status(v1::EVENT_STATUS_ANNUL);
  annulment.set_refers_to(review.event_id());
  annulment.set_sequence((1ull << 53) - 1);
  From(kSouth, world.Person(1, "2024-03-01")) = From(kSouth, annulment);
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_review", "2024").numerator, 1);
  EXPECT_EQ(ToldTo(kNorth, &world), (Told{{FindingCode::kCorrectedByAnother}, {review.event_id()}}));
  EXPECT_EQ(ToldTo(kSouth, &world),
            (Told{{FindingCode::kNotYourEvent}, {annulment.event_id(), review.event_id()}}));
  ExpectAsABatch(&world);
}

TEST(TwoSenders, ACorrectionBelowItsOriginalIsTold) {
  RegistryFixture world;
  LiveInANursingHome(&world);
  const v1::Event review = Review(&world, kNorth);
  v1::Event& annulment = world.Replace(review);
  annulment.set_status(v1::EVENT_STATUS_ANNUL);
  annulment.set_sequence(1);
  const std::string id = annulment.event_id();
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_review", "2024").numerator, 1);
  EXPECT_EQ(ToldTo(kNorth, &world),
            (Told{{FindingCode::kCorrectionBeforeOriginal}, {id, review.event_id()}}));
  ExpectAsABatch(&world);
}

TEST(TwoSenders, AnIdIsItsSendersOwn) {
  RegistryFixture world;
  LiveInANursingHome(&world);
  v1::Event& plan = From(kSouth, world.Person(1, "2024-05-01"));
  plan.mutable_individual_plan();
  const v1::Event taken = plan;
  world.Annul(taken);  // south has used the id and given it up before north's event comes
  world.Settle("2024-06-30");
  v1::Event& review = Review(&world, kNorth);
  review.set_event_id(taken.event_id());
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_review", "2024").numerator, 1);
  EXPECT_EQ(ToldTo(kNorth, &world), Told());
  ExpectAsABatch(&world);
}

// A change of identity is in the log of both persons: what it corrects must be a change of the same identity.
TEST(TwoSenders, AChangeOfIdentityCorrectsNoOtherFactOfThePersonItNames) {
  RegistryFixture world;
  LiveInANursingHome(&world);
  const v1::Event review = Review(&world, kNorth);
  world.Change(2, 1, "2024-04-01");
  v1::Event& annulment = From(kNorth, world.Person(2, "2024-04-01"));
  annulment.mutable_identity_changed()->set_new_pseudonym(review.subject().pseudonym());
  annulment.set_status(v1::EVENT_STATUS_ANNUL);
  annulment.set_refers_to(review.event_id());
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_review", "2024").numerator, 1);
  ExpectAsABatch(&world);
}

// The order between two senders is not theirs to choose.
TEST(TwoSenders, AHighSequenceWinsNothingOverAnother) {
  const bool north_is_later = SenderNumber(kNorth) > SenderNumber(kSouth);
  for (const bool north_claims : {true, false}) {
    RegistryFixture world;
    world.Start(1, 21, "2023-01-01");
    for (const char* sender : {kNorth, kSouth}) {
      v1::Event& details = From(sender, world.Person(1, "2024-01-01"));
      details.mutable_person_details()->set_birth_date(sender == kNorth ? "1940-01-01" : "1990-01-01");
      if ((sender == kNorth) == north_claims) details.set_sequence((1ull << 53) - 1);
    }
    world.Settle("2024-12-31");
    EXPECT_EQ(world.Value("residents_under_67", "2024").numerator, north_is_later ? 0 : 1);
    ExpectAsABatch(&world);
  }
}

TEST(TwoSenders, AFindingHoldsNoIdOfAnother) {
  RegistryFixture world;
  LiveInANursingHome(&world);
  v1::Event& other = From(kSouth, world.Person(1, "2023-06-01"));
  other.mutable_service_started()->set_service_id("s");
  other.mutable_service_started()->set_service_type(21);
  other.mutable_service_started()->set_provider(kHomeB);
  const std::string own = other.event_id();
  world.Settle("2024-12-31");
  EXPECT_EQ(ToldTo(kSouth, &world), (Told{{FindingCode::kOverlap}, {own}}));
}

}  // namespace
}  // namespace kpr::test
