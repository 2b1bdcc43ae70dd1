// Contacts with other health services, counted by hand and by the naive batch.
#include <gtest/gtest.h>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

constexpr auto kDoctor = v1::Contact::SERVICE_GENERAL_PRACTITIONER;
constexpr auto kOutOfHours = v1::Contact::SERVICE_OUT_OF_HOURS;
constexpr auto kPhysiotherapy = v1::Contact::SERVICE_PHYSIOTHERAPY;
constexpr auto kPsychologist = v1::Contact::SERVICE_PSYCHOLOGIST;

class Contacts : public testing::Test {
 protected:
  v1::Event Meet(uint64_t person, const std::string& on, v1::Contact::Service service,
                 const std::string& referred = "", const std::string& municipality = "0301") {
    v1::Event& event = world_.Person(person, on, municipality);
    event.mutable_contact()->set_service(service);
    event.mutable_contact()->set_referred_on(referred);
    return event;
  }
  void TearDown() override { EXPECT_EQ(world_.harness().VerifyDifferences(), std::vector<std::string>()); }
  std::string Share(const std::string& indicator, const std::string& period = "2024") {
    const ResultRow row = world_.Value(indicator, period);
    return std::to_string(static_cast<int>(row.numerator)) + "/" +
           std::to_string(static_cast<int>(row.denominator));
  }

  RegistryFixture world_;
};

TEST_F(Contacts, ReferralsWaitUntilTheFirstContactAfterThem) {
  world_.Start(1, 15, "2024-01-01");
  const v1::Event first = Meet(1, "2024-02-01", kPhysiotherapy, "2024-01-10");  // 22 days
  Meet(1, "2024-05-09", kPhysiotherapy, "2024-01-10");                          // the same referral again
  Meet(1, "2024-06-09", kPhysiotherapy, "2024-03-01");                          // 100 days, another one
  Meet(2, "2024-01-31", kPhysiotherapy, "2024-01-01");                          // 30 days
  Meet(2, "2024-02-05", kPsychologist, "2024-01-01");   // 35 days, of the same day to another service
  Meet(3, "2024-03-03", kPhysiotherapy);                // not referred
  Meet(4, "2024-04-04", kPhysiotherapy, "2024-04-04");  // at once
  Meet(5, "2024-04-01", kPhysiotherapy, "2024-01-02");  // 90 days
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("physiotherapy_waiting_days", "2024").denominator, 5);
  EXPECT_EQ(world_.Value("physiotherapy_waiting_days", "2024").ValueOr(-1), 30);
  EXPECT_EQ(Share("physiotherapy_long_wait"), "1/5") << "90 days are not more than 90";
  EXPECT_EQ(Share("physiotherapy_long_wait", "2024-T1"), "0/4");
  EXPECT_EQ(world_.Value("psychologist_waiting_days", "2024").denominator, 1);

  world_.Annul(first);  // what came next is the first now: 120 days
  world_.Settle("2025-01-31");
  EXPECT_EQ(Share("physiotherapy_long_wait"), "2/5");
  EXPECT_EQ(Share("physiotherapy_long_wait", "2024-T1"), "0/3");
  EXPECT_EQ(Share("physiotherapy_long_wait", "2024-T2"), "2/2");
}

TEST_F(Contacts, AReferralThatTwoMunicipalitiesAnswerIsOneAndOfTheFirst) {
  world_.Start(1, 15, "2024-01-01");
  world_.Start(2, 15, "2024-01-01", "4601");
  Meet(1, "2024-02-20", kPsychologist, "2024-02-01", "4601");
  Meet(1, "2024-02-10", kPsychologist, "2024-02-01", "0301");
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("psychologist_waiting_days", "2024", "0301").denominator, 1);
  EXPECT_EQ(world_.Value("psychologist_waiting_days", "2024", "4601").denominator, 0);
}

TEST_F(Contacts, AreCountedEachAmongTheInhabitants) {
  auto* counts = world_.OfMunicipality("0301", "2024-01-01").mutable_inhabitants();
  for (int band = 0; band < 6; ++band) {
    counts->add_men(100);
    counts->add_women(150);
  }
  world_.Start(1, 15, "2024-01-01");
  for (const char* on : {"2024-01-05", "2024-01-05", "2024-12-31"}) Meet(1, on, kDoctor);
  Meet(2, "2024-07-01", kDoctor);
  Meet(2, "2024-07-01", kOutOfHours);
  world_.Settle("2024-12-31");
  EXPECT_DOUBLE_EQ(world_.Value("general_practitioner_contacts", "2024").ValueOr(-1), 4 * 1000 / 1500.0);
  EXPECT_EQ(world_.Value("general_practitioner_contacts", "2024").behind_numerator.persons, 2);
  EXPECT_DOUBLE_EQ(world_.Value("out_of_hours_contacts", "2024").ValueOr(-1), 1000 / 1500.0);
  EXPECT_EQ(world_.Value("dental_contacts", "2024", "0301").reason, v1::MISSING_REASON_NOT_REPORTED)
      << "that none is told does not show that there was none";
}

// A municipality that tells no contact with the service in the year is in no sum, with its inhabitants.
TEST_F(Contacts, AreAmongTheInhabitantsOfThoseWhoTellThem) {
  for (const char* municipality : {"0301", "4601", "1103"}) {
    auto* counts = world_.OfMunicipality(municipality, "2024-01-01").mutable_inhabitants();
    for (int band = 0; band < 6; ++band) {
      counts->add_men(100);
      counts->add_women(100);
    }
    world_.Start(static_cast<uint64_t>(municipality[0] + municipality[2]), 15, "2023-01-01", municipality);
  }
  Meet(1, "2024-02-02", kDoctor);
  Meet(2, "2024-02-02", kDoctor, "", "4601");
  Meet(3, "2023-02-02", kDoctor, "", "1103");      // another year
  Meet(4, "2024-02-02", kOutOfHours, "", "1103");  // another service
  world_.Settle("2024-12-31");
  EXPECT_DOUBLE_EQ(world_.Value("general_practitioner_contacts", "2024").ValueOr(-1), 2 * 1000 / 2400.0);
  EXPECT_EQ(world_.Value("general_practitioner_contacts", "2024").coverage.reporting, 2u);
  EXPECT_EQ(world_.Value("general_practitioner_contacts", "2024", "1103").reason,
            v1::MISSING_REASON_NOT_REPORTED);
  EXPECT_DOUBLE_EQ(world_.Value("out_of_hours_contacts", "2024", "1103").ValueOr(-1), 1000 / 1200.0);
}

TEST_F(Contacts, OfResidentsAreThoseOfTheirDaysInTheNursingHome) {
  world_.Start(1, 18, "2024-03-01");
  world_.End(1, 18, "2024-03-11");     // ten days
  Meet(1, "2024-02-29", kOutOfHours);  // the day before
  Meet(1, "2024-03-01", kOutOfHours);
  Meet(1, "2024-03-11", kOutOfHours);  // the last day
  Meet(1, "2024-03-12", kOutOfHours);
  Meet(1, "2024-03-05", kDoctor);
  world_.Start(2, 15, "2024-01-01");
  Meet(2, "2024-03-05", kOutOfHours);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("out_of_hours_contacts_residents"), "2/10");
  EXPECT_DOUBLE_EQ(world_.Value("out_of_hours_contacts_residents", "2024").ValueOr(-1), 200);
}

TEST_F(Contacts, TheDoctorSeesThoseWhoLeaveAnInstitution) {
  for (const uint64_t person : {1, 2, 3, 4}) {
    world_.Start(person, 25, "2024-05-01");
    world_.End(person, 25, "2024-05-03");
  }
  Meet(1, "2024-05-03", kDoctor);      // on the day
  Meet(2, "2024-05-17", kDoctor);      // 14 days after
  Meet(3, "2024-05-18", kDoctor);      // 15
  Meet(4, "2024-05-05", kOutOfHours);  // another service
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("general_practitioner_after_discharge"), "2/4");
}

// Out-of-hours services are where one happens to be; five that tell a person's services are a test person.
TEST_F(Contacts, InManyMunicipalitiesMakeNoTestPerson) {
  for (const uint64_t person : {1, 2}) world_.Start(person, 21, "2024-01-01");
  for (const char* municipality : {"1101", "1103", "1106", "4601"}) {
    Meet(1, "2024-07-01", kOutOfHours, "", municipality);
    world_.Person(2, "2024-07-01", municipality).mutable_doctor_assessment();
  }
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("nursing_home_residents"), "1/0");
}

// A municipality that tells contacts alone has no zero of care services.
TEST_F(Contacts, DoNotShowThatCareServicesAreReported) {
  world_.Start(1, 15, "2024-01-01");
  Meet(2, "2024-05-05", kDoctor, "", "4601");
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("nursing_home_residents", "2024", "0301").reason, v1::MISSING_REASON_UNSPECIFIED);
  EXPECT_EQ(world_.Value("nursing_home_residents", "2024", "4601").reason, v1::MISSING_REASON_NOT_REPORTED);
}

}  // namespace
}  // namespace kpr::test
