// Discharges from hospital, applications, medicines, plans and help of relatives, counted by hand and by the
// naive batch.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

using By = v1::PlaceDeclined;

class HospitalAndPlans : public testing::Test {
 protected:
  v1::Event Discharge(uint64_t person, const std::string& on, const std::string& ready,
                      const std::string& municipality = "0301") {
    v1::Event& event = world_.Person(person, on, municipality);
    event.mutable_hospital_discharge()->set_ready_on(ready);
    return event;
  }
  void Inhabitants(const std::string& municipality, const std::string& on) {
    auto* counts = world_.OfMunicipality(municipality, on).mutable_inhabitants();
    for (int band = 0; band < 6; ++band) {
      counts->add_men(100);
      counts->add_women(100);
    }
  }
  template <typename Place>
  void Fill(Place* place, const std::string& application, uint32_t type) {
    place->set_application_id(application);
    place->set_service_type(type);
  }
  void Decline(uint64_t person, const std::string& on, const std::string& application, uint32_t type,
               By::By by) {
    By& declined = *world_.Person(person, on).mutable_place_declined();
    Fill(&declined, application, type);
    declined.set_by(by);
  }
  void TearDown() override { EXPECT_EQ(world_.harness().VerifyDifferences(), std::vector<std::string>()); }
  std::string Share(const std::string& indicator, const std::string& period = "2024",
                    const std::string& area = "") {
    const ResultRow row = world_.Value(indicator, period, area);
    return std::to_string(static_cast<int>(row.numerator)) + "/" +
           std::to_string(static_cast<int>(row.denominator));
  }

  RegistryFixture world_;
};

TEST_F(HospitalAndPlans, DaysWhenReadyAreAmongTheInhabitantsOfThoseWhoTellThem) {
  for (const char* municipality : {"0301", "4601", "1103"}) Inhabitants(municipality, "2023-01-01");
  world_.Start(9, 15, "2023-01-01", "1103");                             // tells services, no discharges
  const v1::Event long_wait = Discharge(1, "2024-03-10", "2024-03-04");  // 6 days
  Discharge(2, "2024-04-01", "2024-04-01");                              // none
  Discharge(3, "2024-05-05", "");                                        // not told
  Discharge(4, "2024-01-02", "2023-12-30");                              // 3 days, over the turn of the year
  Discharge(5, "2023-06-02", "2023-06-01", "4601");
  Discharge(6, "2024-06-02", "2024-06-02", "4601");
  Discharge(7, "2024-06-02", "", "1103");  // not since when
  world_.Settle("2024-12-31");
  EXPECT_DOUBLE_EQ(world_.Value("hospital_days_when_ready", "2024").ValueOr(-1), 9 * 1000 / 2400.0);
  EXPECT_EQ(world_.Value("hospital_days_when_ready", "2024").behind_numerator.persons, 2);
  EXPECT_DOUBLE_EQ(world_.Value("hospital_days_when_ready", "2024", "4601").ValueOr(-1), 0);
  EXPECT_EQ(world_.Value("hospital_days_when_ready", "2024", "1103").reason, v1::MISSING_REASON_NOT_REPORTED);
  EXPECT_EQ(world_.Value("hospital_days_when_ready", "2023", "0301").reason, v1::MISSING_REASON_NOT_REPORTED)
      << "told in 2024";
  EXPECT_EQ(Share("hospital_discharges_received_same_day"), "2/4");

  world_.Annul(long_wait);
  world_.Settle("2025-01-31");
  EXPECT_DOUBLE_EQ(world_.Value("hospital_days_when_ready", "2024").ValueOr(-1), 3 * 1000 / 2400.0);
  EXPECT_EQ(Share("hospital_discharges_received_same_day"), "2/3");

  Discharge(2, "2024-04-01", "2024-03-29");  // another one of the same day, by another count of days
  Discharge(4, "2024-01-02", "");
  world_.Settle("2025-02-28");
  EXPECT_EQ(world_.Value("hospital_discharges_received_same_day", "2024").classes,
            (std::vector<int64_t>{2, 2, 0}))
      << "each by its own days";
}

TEST_F(HospitalAndPlans, WhoLeavesHospitalIsSeenWithinFourteenDays) {
  const auto see = [&](uint64_t person, const std::string& on) {
    world_.Person(person, on).mutable_contact()->set_service(v1::Contact::SERVICE_GENERAL_PRACTITIONER);
  };
  for (const uint64_t person : {1, 2, 3, 4, 5, 6}) Discharge(person, "2024-05-03", "");
  see(1, "2024-05-03");                      // on the day
  see(2, "2024-05-17");                      // 14 days after
  see(3, "2024-05-18");                      // 15
  see(4, "2024-05-02");                      // the day before
  Discharge(5, "2024-05-10", "2024-05-09");  // again within the days: only this one counts
  see(5, "2024-05-20");
  world_.Died(6, "1940-01-01", "2024-05-16", v1::DEATH_PLACE_HOME);
  Discharge(7, "2024-12-20", "");  // the days are up in 2025
  see(7, "2024-12-21");
  Discharge(9, "2025-01-02", "");  // so that both are told in 2025
  see(9, "2025-01-02");
  Discharge(8, "2024-06-01", "", "4601");  // two of one day: the last, in its municipality
  Discharge(8, "2024-06-01", "");
  Discharge(10, "2024-07-01", "");
  Discharge(10, "2024-07-15", "");  // on the 14th day: the first does not count
  Discharge(11, "2024-07-01", "");
  Discharge(11, "2024-07-16", "");  // on the 15th: both do
  world_.Settle("2025-01-31");
  EXPECT_EQ(Share("general_practitioner_after_hospital"), "3/9");
  EXPECT_EQ(Share("general_practitioner_after_hospital", "2025"), "2/2");
  EXPECT_EQ(Share("general_practitioner_after_hospital", "2024", "0301"), "3/9");
  world_.Person(4, "2024-05-05")
      .mutable_medication_review()
      ->set_kind(v1::MedicationReview::KIND_RECONCILIATION);
  world_.Settle("2025-02-28");
  EXPECT_EQ(Share("medication_reconciliation_after_hospital", "2024-05"), "1/5")
      << "of those whose days are up in May: all but the one who died";
}

TEST_F(HospitalAndPlans, ApplicationsAreDeclinedByTheMunicipalityOrWithdrawn) {
  for (uint64_t person = 1; person <= 4; ++person)
    Fill(world_.Person(person, "2024-02-01").mutable_place_applied(), "a", 21);
  Decline(1, "2024-03-01", "a", 21, By::BY_MUNICIPALITY);
  Decline(2, "2024-03-01", "a", 21, By::BY_APPLICANT);
  Decline(3, "2024-03-01", "a", 21, By::BY_UNSPECIFIED);
  Fill(world_.Person(4, "2024-03-01").mutable_place_granted(), "a", 21);
  Fill(world_.Person(5, "2024-03-01").mutable_place_granted(), "a", 18);
  Fill(world_.Person(6, "2024-03-01").mutable_place_applied(), "b", 3);
  Decline(6, "2024-09-01", "b", 3, By::BY_MUNICIPALITY);
  Fill(world_.Person(7, "2024-03-01").mutable_place_granted(), "b", 3);
  Decline(8, "2024-03-01", "h", 29, By::BY_MUNICIPALITY);
  Fill(world_.Person(9, "2024-03-01", "4601").mutable_place_granted(), "a",
       21);  // where nobody tells who declines
  Fill(world_.Person(10, "2024-03-01", "4601").mutable_place_declined(), "a", 21);
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("long_stay_applications_declined", "2024", "4601").reason,
            v1::MISSING_REASON_NOT_REPORTED);
  EXPECT_EQ(Share("long_stay_applications_declined"), "1/2");
  EXPECT_EQ(Share("long_stay_applications_withdrawn"), "1/3")
      << "of one declined, one withdrawn, one granted";
  EXPECT_EQ(Share("time_limited_applications_declined"), "0/1");
  EXPECT_EQ(Share("bpa_applications_declined"), "1/2");
  EXPECT_EQ(Share("bpa_applications_declined", "2024-T1"), "0/1");
  EXPECT_EQ(world_.Value("bpa_applications", "2024").numerator, 1);
  EXPECT_EQ(Share("housing_applications_declined"), "1/1");
}

TEST_F(HospitalAndPlans, HousingIsWaitedForUnderItsOldCodeAndItsNew) {
  Fill(world_.Person(1, "2018-06-01").mutable_place_applied(), "a", 12);
  Fill(world_.Person(1, "2018-11-01").mutable_place_granted(), "a", 12);
  world_.Start(1, 29, "2019-01-10");  // 70 days after
  Fill(world_.Person(2, "2018-07-01").mutable_place_applied(), "a", 12);
  world_.Settle("2019-12-31");
  EXPECT_EQ(world_.Value("waiting_for_housing", "2018").numerator, 2);
  EXPECT_EQ(world_.Value("waiting_for_housing", "2019").numerator, 1);
  EXPECT_EQ(world_.Value("housing_waiting_days", "2019").denominator, 1);
}

TEST_F(HospitalAndPlans, TheLatestListOfMedicinesCountsAndOnlyWhatItTells) {
  const auto list = [&](uint64_t person, const std::string& on) {
    return world_.Person(person, on).mutable_medicines_in_use();
  };
  for (uint64_t person = 1; person <= 6; ++person) world_.Start(person, 15, "2023-01-01");
  list(1, "2024-02-01")->set_medicines(12);
  list(2, "2024-02-01")->set_medicines(10);
  list(2, "2024-03-01")->set_medicines(9);  // fewer since
  list(3, "2024-02-01")->set_multi_dose(true);
  list(4, "2023-12-31")->set_multi_dose(true);  // twelve months and more before
  list(5, "2024-01-01")->set_multi_dose(false);
  list(6, "2024-01-01")->set_multi_dose(true);
  list(6, "2024-05-01")->set_medicines(3);  // does not tell it: not known
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("ten_medicines_home"), "1/3");
  EXPECT_EQ(Share("multi_dose_home"), "1/2");
  EXPECT_EQ(Share("ten_medicines_long_stay"), "0/0");
}

TEST_F(HospitalAndPlans, PlansTeamsAndMonitoringRunUntilTheyEnd) {
  for (uint64_t person = 1; person <= 4; ++person) {
    world_.Start(person, 15, "2023-01-01");
    world_.Person(person, "2023-05-01").mutable_palliative_plan();
    world_.Person(person, "2023-05-01").mutable_follow_up_team();
    world_.Person(person, "2023-05-01").mutable_digital_home_monitoring();
  }
  world_.Person(2, "2024-05-01").mutable_palliative_plan()->set_ended(true);
  world_.Person(2, "2024-05-01").mutable_follow_up_team()->set_ended(true);
  world_.Person(2, "2024-05-01").mutable_digital_home_monitoring()->set_ended(true);
  for (const uint64_t person : {1, 2, 5}) {
    world_.Start(person, 1, "2023-01-01");
    world_.Died(person, "1940-01-01", "2024-11-11", v1::DEATH_PLACE_HOME);
  }
  world_.Start(6, 15, "2023-01-01", "4601");  // where nobody tells any of it
  world_.Died(6, "1940-01-01", "2024-11-11", v1::DEATH_PLACE_HOME);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("palliative_plan"), "1/3");
  EXPECT_EQ(Share("follow_up_team"), "2/2");
  EXPECT_EQ(Share("digital_home_monitoring"), "2/2");
  EXPECT_EQ(Share("follow_up_team", "2023"), "4/5");
  EXPECT_EQ(world_.Value("palliative_plan", "2024", "4601").reason, v1::MISSING_REASON_NOT_REPORTED);
}

// 3002 Moss is 3103 from 2024 on; what it told before counts as its own.
TEST_F(HospitalAndPlans, CoverageFollowsAMunicipalityToItsNextCode) {
  for (const uint64_t person : {1, 2}) world_.Start(person, 15, "2022-01-01", "3002");
  world_.Person(1, "2022-05-01", "3002").mutable_follow_up_team();
  world_.Start(3, 15, "2024-03-01", "3103");
  world_.Start(4, 15, "2024-03-01", "4601");
  world_.Person(4, "2024-03-01", "4601").mutable_follow_up_team()->set_ended(true);  // begins nothing
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("follow_up_team", "2024", "3103"), "1/3");
  EXPECT_EQ(Share("follow_up_team"), "1/3");
  EXPECT_EQ(world_.Value("follow_up_team", "2024", "4601").reason, v1::MISSING_REASON_NOT_REPORTED);
}

// Explained by the facts that it is made of, also where they are two kinds, or what came before.
TEST_F(HospitalAndPlans, AreExplainedByTheirFacts) {
  const auto explained = [&](const std::string& indicator, const v1::Event& event) {
    v1::ExplainIndicatorValueRequest request;
    request.set_indicator(indicator);
    request.set_period("2024");
    const auto explanation = world_.query().Explain(request, 0, 100);
    EXPECT_TRUE(explanation.ok());
    const auto& subjects = explanation->subjects;
    return std::any_of(subjects.begin(), subjects.end(), [&](const ContributingSubject& subject) {
      return std::count(subject.events.begin(), subject.events.end(), *Uuid::Parse(event.event_id())) == 1;
    });
  };
  const v1::Event discharge = Discharge(1, "2024-05-03", "");
  world_.Born(2, "1940-01-01");
  v1::Event& declined = world_.Person(2, "2024-03-01");
  declined.mutable_preventive_home_visit()->set_declined(true);
  world_.Born(3, "1940-01-01");
  v1::Event& visit = world_.Person(3, "2024-03-01");
  visit.mutable_preventive_home_visit();
  const v1::Event made = visit;
  world_.Settle("2024-12-31");
  EXPECT_TRUE(explained("medication_reconciliation_after_hospital", discharge));
  EXPECT_TRUE(explained("preventive_home_visits_declined", made));
}

TEST_F(HospitalAndPlans, HelpOfRelativesIsByHoursAndVisitsCanBeDeclined) {
  const double hours[] = {0, 10, 10.5, 40};
  for (uint64_t person = 1; person <= 5; ++person) {
    world_.Born(person, "1940-01-01");
    world_.Start(person, 1, "2024-01-01");
    if (person <= 4)
      world_.Person(person, "2024-02-01").mutable_informal_care()->set_hours_per_week(hours[person - 1]);
  }
  world_.Person(1, "2024-03-01").mutable_preventive_home_visit()->set_declined(true);
  world_.Person(2, "2024-03-01").mutable_preventive_home_visit();
  world_.Person(2, "2024-04-01").mutable_preventive_home_visit();
  Inhabitants("0301", "2024-01-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("informal_care"), "3/4");
  EXPECT_EQ(Share("extensive_informal_care"), "1/4");
  EXPECT_EQ(world_.Value("extensive_informal_care", "2024").classes, (std::vector<int64_t>{1, 1, 1, 1}));
  EXPECT_EQ(Share("preventive_home_visits_declined"), "1/3");
  EXPECT_DOUBLE_EQ(world_.Value("preventive_home_visits", "2024").ValueOr(-1), 2 * 1000 / 400.0);
}

}  // namespace
}  // namespace kpr::test
