// Days on which systems of this kind go wrong, one test each.
#include <gtest/gtest.h>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

double Residents(RegistryFixture& world, const std::string& period) {
  return world.Value("nursing_home_residents", period).ValueOr(0);
}

TEST(EdgeCase, LeapDay) {
  RegistryFixture world;
  world.Born(1, "1956-02-29");  // 67 on 1 March 2023, which has no 29 February
  world.Start(1, 21, "2022-01-01");
  world.Person(1, "2024-02-29").mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  world.Settle("2025-06-30");
  EXPECT_EQ(world.Value("medication_review", "2023-02").denominator, 0);
  EXPECT_EQ(world.Value("medication_review", "2023-03").denominator, 1);
  EXPECT_EQ(world.Value("medication_review", "2024-01").numerator, 0);
  EXPECT_EQ(world.Value("medication_review", "2024-02").numerator, 1) << "on the leap day itself";
  EXPECT_EQ(world.Value("medication_review", "2025-01").numerator, 1);
  EXPECT_EQ(world.Value("medication_review", "2025-02").numerator, 1)
      << "28 February 2025 less twelve months is 28 February 2024, the day before";
  EXPECT_EQ(world.Value("medication_review", "2025-03").numerator, 0);
  EXPECT_EQ(world.Value("bed_days", "2024-02").ValueOr(0), 29);
  EXPECT_EQ(world.Value("bed_days", "2023-02").ValueOr(0), 28);
}

TEST(EdgeCase, DaylightSavingNight) {
  RegistryFixture world;  // clocks go forward on 31 March and back on 27 October 2024
  world.Start(1, 21, "2024-03-30");
  world.End(1, 21, "2024-04-01");
  world.Start(2, 21, "2024-10-26");
  world.End(2, 21, "2024-10-28");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("bed_days", "2024-03").ValueOr(0), 2);
  EXPECT_EQ(world.Value("bed_days", "2024-10").ValueOr(0), 2) << "a night of 25 hours is one night";
}

TEST(EdgeCase, YearTurn) {
  RegistryFixture world;
  world.Start(1, 21, "2023-12-31");
  world.Start(2, 21, "2024-01-01");
  world.Settle("2024-12-31");
  EXPECT_EQ(Residents(world, "2023"), 1);
  EXPECT_EQ(Residents(world, "2024-01"), 2);
  EXPECT_EQ(world.Value("bed_days", "2023").ValueOr(0), 1);
  EXPECT_EQ(world.Value("bed_days", "2024").ValueOr(0), 2 * 366);
}

TEST(EdgeCase, AgeOnTheBirthday) {
  RegistryFixture world;
  world.Born(1, "1957-04-30");
  world.Born(2, "1957-05-01");
  for (const uint64_t person : {1, 2}) world.Start(person, 21, "2020-01-01");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_review", "2024-03").denominator, 0);
  EXPECT_EQ(world.Value("medication_review", "2024-04").denominator, 1) << "67 on the last day itself";
  EXPECT_EQ(world.Value("medication_review", "2024-05").denominator, 2);
}

TEST(EdgeCase, StayOverTheYearTurn) {
  RegistryFixture world;
  world.Start(1, 18, "2023-12-20");
  world.End(1, 18, "2024-01-10");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("bed_days", "2023").ValueOr(0), 12);
  EXPECT_EQ(world.Value("bed_days", "2024").ValueOr(0), 9) << "the day of discharge is not a bed-day";
  for (const char* year : {"2023", "2024"}) {
    EXPECT_EQ(world.Value("recipients_during_period", year).ValueOr(0), 1) << year;
    EXPECT_EQ(world.Value("days_per_time_limited_stay", year).denominator, 1) << year;
  }
}

TEST(EdgeCase, SameDayStartAndEnd) {
  RegistryFixture world;
  world.Start(1, 18, "2024-03-31");
  world.End(1, 18, "2024-03-31");
  world.Settle("2024-12-31");
  EXPECT_EQ(Residents(world, "2024-03"), 1) << "the last day is a day of service";
  EXPECT_EQ(Residents(world, "2024-04"), 0);
  EXPECT_EQ(world.Value("bed_days", "2024").ValueOr(0), 0);
  EXPECT_EQ(world.Value("recipients_during_period", "2024").ValueOr(0), 1);
}

TEST(EdgeCase, PauseOverAPeriodEnd) {
  RegistryFixture world;
  world.Born(1, "1940-01-01");
  world.Start(1, 15, "2024-01-10");
  world.Pause(1, 15, "2024-04-25", "2024-05-05");
  world.Start(2, 21, "2024-01-10");
  world.Pause(2, 21, "2024-04-25", "2024-05-05");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_reconciliation_home", "2024-03").denominator, 1);
  EXPECT_EQ(world.Value("medication_reconciliation_home", "2024-T1").denominator, 0)
      << "a home service is not given while paused";
  EXPECT_EQ(world.Value("medication_reconciliation_home", "2024-05").denominator, 1);
  EXPECT_EQ(Residents(world, "2024-T1"), 1) << "a long stay continues";
}

TEST(EdgeCase, DeathOnTheLastDay) {
  RegistryFixture world;
  world.Start(1, 21, "2024-01-10");
  world.Died(1, "1940-01-01", "2024-12-31", v1::DEATH_PLACE_NURSING_HOME);
  world.Settle("2025-03-31");
  EXPECT_EQ(Residents(world, "2024"), 1) << "alive on the last day";
  EXPECT_EQ(Residents(world, "2025-01"), 0) << "though nobody has sent the end of the stay";
  EXPECT_EQ(world.Value("place_of_death", "2024").numerator, 1);
  EXPECT_EQ(world.Value("bed_days", "2024").ValueOr(0), 366 - 9 - 1);
}

TEST(EdgeCase, MoveWithinACounty) {
  RegistryFixture world;
  world.Start(1, 15, "2024-01-10", "1103");
  world.End(1, 15, "2024-06-30", "1103");
  world.Start(1, 1, "2024-07-01", "1108");
  world.Settle("2024-12-31");
  for (const char* municipality : {"1103", "1108"})
    EXPECT_EQ(world.Value("recipients_during_period", "2024", municipality).ValueOr(0), 1) << municipality;
  EXPECT_EQ(world.Value("recipients_during_period", "2024", "11").ValueOr(0), 1)
      << "one person in the county";
  EXPECT_EQ(world.Value("recipients_during_period", "2024").ValueOr(0), 1);
}

TEST(EdgeCase, ServiceInTwoMunicipalities) {
  RegistryFixture world;
  world.Start(1, 15, "2024-01-10", "1103");
  world.Start(1, 1, "2024-02-01", "0301");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("recipients_by_service_group", "2024", "1103").ValueOr(0), 1);
  EXPECT_EQ(world.Value("recipients_by_service_group", "2024", "0301").ValueOr(0), 1);
  EXPECT_EQ(world.Value("recipients_by_service_group", "2024", "11").ValueOr(0), 1);
  EXPECT_EQ(world.Value("recipients_by_service_group", "2024").ValueOr(0), 1) << "one person in the country";
}

TEST(EdgeCase, CodeChangeInTheMiddleOfAService) {
  RegistryFixture world;
  world.Start(1, 21, "2019-06-01", "0101");  // Halden: 3001 from 2020, 3101 from 2024
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("nursing_home_residents", "2019", "0101").ValueOr(0), 1);
  EXPECT_EQ(world.Value("nursing_home_residents", "2023", "3001").ValueOr(0), 1);
  EXPECT_EQ(world.Value("nursing_home_residents", "2024", "3101").ValueOr(0), 1);
  EXPECT_EQ(world.Value("nursing_home_residents", "2024", "31").ValueOr(0), 1);
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("nursing_home_residents");
  request.set_from_period("2019");
  request.set_to_period("2024");
  request.set_level(v1::LEVEL_MUNICIPALITY);
  request.add_areas("3101");
  request.set_structure_year(2024);
  const auto response = world.Get(request);
  ASSERT_EQ(static_cast<int>(response.rows.size()), 6);
  for (const auto& value : response.rows) EXPECT_EQ(value.ValueOr(0), 1) << value.period;
}

TEST(EdgeCase, SplitMunicipalityInLaterStructure) {
  RegistryFixture world;
  world.Start(1, 21, "2022-06-01", "1507");  // Ålesund is split in 2024
  world.Settle("2024-12-31");
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("nursing_home_residents");
  request.set_from_period("2022");
  request.set_to_period("2024");
  request.set_level(v1::LEVEL_MUNICIPALITY);
  request.add_areas("1508");
  request.set_structure_year(2024);
  const auto response = world.Get(request);
  ASSERT_EQ(static_cast<int>(response.rows.size()), 3);
  EXPECT_EQ(response.rows[0].reason, v1::MISSING_REASON_NOT_COMPARABLE);
  EXPECT_EQ(response.rows[1].reason, v1::MISSING_REASON_NOT_COMPARABLE);
  EXPECT_EQ(response.rows[2].reason, v1::MISSING_REASON_NOT_REPORTED)
      << "nobody has reported under the new code";
  EXPECT_EQ(world.Value("nursing_home_residents", "2022", "1507").ValueOr(0), 1);
  EXPECT_EQ(world.Value("nursing_home_residents", "2024", "15").ValueOr(0), 1) << "the county is known";
}

TEST(EdgeCase, ADiagnosisIsOfItsCodeSystem) {
  RegistryFixture world;
  const auto diagnose = [&](uint64_t person, v1::Diagnosis::System system, const char* code) {
    world.Start(person, 6, "2024-01-01");  // at home
    auto* diagnosis = world.Person(person, "2024-01-02").mutable_diagnosis();
    diagnosis->set_system(system);
    diagnosis->set_code(code);
  };
  diagnose(1, v1::Diagnosis::SYSTEM_ICD10, "F03");
  diagnose(2, v1::Diagnosis::SYSTEM_ICPC2, "P70");
  diagnose(3, v1::Diagnosis::SYSTEM_ICPC2, "F03");  // a disease of the eye
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("day_activity_dementia", "2024").denominator, 2);
}

// Ids of the fixture rise with the sequence, so here they are turned round.
void GiveIds(v1::Event& first, const std::string& last_digits) {
  first.set_event_id("ffffffff-0000-4000-8000-0000000000" + last_digits);
}

TEST(EdgeCase, TheLaterFactOfOneDayHolds) {
  RegistryFixture world;
  v1::Event& wrong = world.Person(1, "2020-01-01");
  GiveIds(wrong, "01");
  wrong.mutable_person_details()->set_birth_date("1990-01-01");
  world.Person(1, "2020-01-01").mutable_person_details()->set_birth_date("1940-01-01");
  world.Start(1, 21, "2020-01-02");
  v1::Event& plan = world.Person(1, "2024-02-01");
  GiveIds(plan, "02");
  plan.mutable_individual_plan()->set_ended(false);
  world.Person(1, "2024-02-01").mutable_individual_plan()->set_ended(true);
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("medication_review", "2024-03").denominator, 1) << "born 1940";
  EXPECT_EQ(world.Value("individual_plan", "2024").numerator, 0) << "ended";
}

TEST(EdgeCase, OfTwoServicesBegunOnOneDayTheLaterDecidesWhere) {
  RegistryFixture world;
  v1::Event& first = world.Person(1, "2024-01-01", "0301");
  GiveIds(first, "03");
  first.mutable_service_started()->set_service_id("a");
  first.mutable_service_started()->set_service_type(21);
  first.mutable_service_started()->set_provider(kHomeA);
  world.Start(1, 20, "2024-01-01", "1103", kHomeB);
  world.Settle("2024-12-31");
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("nursing_home_residents");
  request.set_from_period("2024");
  request.set_to_period("2024");
  request.set_level(v1::LEVEL_MUNICIPALITY);
  request.add_areas("1103");
  EXPECT_EQ(world.Get(request).rows.at(0).ValueOr(0), 1);
  const auto differences = world.harness().VerifyDifferences();
  EXPECT_TRUE(differences.empty()) << differences.front();
}

}  // namespace
}  // namespace kpr::test
