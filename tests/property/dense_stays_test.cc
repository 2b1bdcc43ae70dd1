// I3 where stays and contacts follow each other within days: moves, returns, absences and deaths around the
// limits that follow-ups and the last days of life have, discharges, and contacts that share a referral. In
// the random worlds of exactness_test they are far between.
#include <gtest/gtest.h>

#include <random>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

constexpr int kLives = 8;

class DenseStays {
 public:
  explicit DenseStays(uint64_t seed) : random_(seed) {}

  // One person's life; now and then it ends.
  void Live(uint64_t person) {
    constexpr uint32_t kTypes[] = {18, 18, 19, 20, 21, 15, 29};
    constexpr int kGaps[] = {0, 1, 1, 2, 3, 7, 8, 13, 14, 15, 29, 30, 31, 90};
    Date day = Date::FromYmd(2023, 1, 1) + Below(300);
    for (uint64_t stays = 2 + Below(7); stays > 0; --stays) {
      const uint32_t type = kTypes[Below(std::size(kTypes))];
      world_.Start(person, type, day.ToString());
      const Date last = day + Below(Below(2) == 0 ? 12 : 60);
      if (Below(5) == 0)
        world_.Pause(person, type, (day + Below(3)).ToString(), (last - Below(3)).ToString());
      if (Below(3) == 0) Review(person, day + Below(40));
      if (Below(3) == 0) Review(person, last + Below(20));
      for (int contacts = Below(4); contacts > 0; --contacts) Meet(person, last - 10 + Below(30));
      if (Below(3) == 0) LeaveHospital(person, last + Below(3));
      if (stays > 1 || Below(2) == 0) world_.End(person, type, last.ToString());
      day = last + kGaps[Below(std::size(kGaps))];
    }
    if (Below(2) == 0) Die(person, day - 20 + Below(60));
  }

  // Some deaths were of somebody else, some on another day.
  void CorrectDeaths() {
    for (const v1::Event& death : deaths_) {
      const int luck = Below(3);
      if (luck == 0) world_.Annul(death);
      if (luck == 1) {
        const Date day = *Date::Parse(death.person_details().death_date()) - 40 + Below(80);
        world_.Replace(death).mutable_person_details()->set_death_date(day.ToString());
      }
    }
    deaths_.clear();
  }

  // Some contacts never were, some were on another day.
  void CorrectContacts() {
    for (const v1::Event& contact : contacts_) {
      const int luck = Below(4);
      if (luck == 0) world_.Annul(contact);
      if (luck == 1) {
        const Date day = *Date::Parse(contact.occurred_on()) + Below(90);
        world_.Replace(contact).set_occurred_on(day.ToString());
      }
    }
    contacts_.clear();
  }

  // Of all facts so far; some come after it.
  void Check(const std::string& horizon) {
    world_.Settle(horizon);
    EXPECT_EQ(world_.harness().VerifyDifferences(), std::vector<std::string>());
    for (const char* indicator :
         {"readmission_nursing_home", "medication_reconciliation_after_discharge",
          "days_outside_nursing_home_last_90", "physiotherapy_long_wait",
          "general_practitioner_after_discharge", "general_practitioner_after_hospital"}) {
      counted_ += world_.Value(indicator, "2024").denominator;
    }
    again_ += world_.Value("readmission_nursing_home", "2024").numerator;
  }
  double counted() const { return counted_; }
  double again() const { return again_; }

 private:
  int Below(uint64_t n) { return static_cast<int>(random_() % n); }
  void Die(uint64_t person, Date day) {
    v1::Event& event = world_.Person(person, day.ToString());
    event.mutable_person_details()->set_birth_date("1940-02-29");
    event.mutable_person_details()->set_sex(v1::SEX_FEMALE);
    event.mutable_person_details()->set_death_date(day.ToString());
    event.mutable_person_details()->set_death_place(v1::DEATH_PLACE_NURSING_HOME);
    deaths_.push_back(event);
  }
  void Review(uint64_t person, Date on) {
    world_.Person(person, on.ToString())
        .mutable_medication_review()
        ->set_kind(Below(2) == 0 ? v1::MedicationReview::KIND_RECONCILIATION
                                 : v1::MedicationReview::KIND_FULL_REVIEW);
  }

  // Now and then again, within the days or just after.
  void LeaveHospital(uint64_t person, Date on) {
    constexpr int kGaps[] = {0, 1, 13, 14, 15};
    for (int discharges = 1 + Below(3); discharges > 0; --discharges) {
      v1::Event& event = world_.Person(person, on.ToString(), Below(4) == 0 ? "4601" : "0301");
      event.mutable_hospital_discharge()->set_ready_on((on - Below(4)).ToString());
      if (Below(6) == 0) world_.Annul(v1::Event(event));
      on = on + kGaps[Below(std::size(kGaps))];
    }
  }

  // Referrals are of a few days, so that contacts share them.
  void Meet(uint64_t person, Date on) {
    constexpr v1::Contact::Service kServices[] = {
        v1::Contact::SERVICE_GENERAL_PRACTITIONER, v1::Contact::SERVICE_OUT_OF_HOURS,
        v1::Contact::SERVICE_PHYSIOTHERAPY, v1::Contact::SERVICE_PHYSIOTHERAPY,
        v1::Contact::SERVICE_PSYCHOLOGIST};
    v1::Event& event = world_.Person(person, on.ToString(), Below(4) == 0 ? "4601" : "0301");
    event.mutable_contact()->set_service(kServices[Below(std::size(kServices))]);
    const Date referred = on - on.days % 60 - 60 * Below(2);
    if (Below(5) != 0) event.mutable_contact()->set_referred_on(referred.ToString());
    contacts_.push_back(event);
  }

  std::mt19937_64 random_;
  RegistryFixture world_;
  std::vector<v1::Event> deaths_, contacts_;
  double counted_ = 0, again_ = 0;
};

TEST(DenseStaysTest, AreCountedAsTheNaiveBatchCountsThem) {
  double counted = 0, again = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    DenseStays stays(seed);
    for (uint64_t person = 1; person <= kLives; ++person) stays.Live(person);
    stays.Check("2024-02-10");
    stays.CorrectDeaths();
    stays.CorrectContacts();
    for (uint64_t person = 1; person <= kLives; person += 3) stays.Live(person);
    stays.Check("2024-12-31");
    counted += stays.counted();
    again += stays.again();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(counted, 300);
  EXPECT_GT(again, 30);
}

}  // namespace
}  // namespace kpr::test
