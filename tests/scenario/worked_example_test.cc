// Worked examples of indicators: a few events, and the figure counted by hand. What is counted alike for all
// of them is in counting_test.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

class WorkedExample : public testing::Test {
 protected:
  void Review(uint64_t person, const std::string& on,
              v1::MedicationReview::Kind kind = v1::MedicationReview::KIND_FULL_REVIEW) {
    world_.Person(person, on).mutable_medication_review()->set_kind(kind);
  }
  void Apply(uint64_t person, const std::string& on, uint32_t type) {
    world_.Person(person, on).mutable_place_applied()->set_application_id("a");
    world_.Person(person, on).mutable_place_applied()->set_service_type(type);
  }
  // As many as are shown, each with the same answers.
  void Answer(const std::string& instrument, v1::Respondent who, const std::vector<uint32_t>& answers) {
    for (int respondent = 0; respondent < 5; ++respondent) {
      auto* asked = world_.Respondent(++respondents_, "2024-03-01").mutable_survey_invitation();
      asked->set_instrument(instrument);
      asked->set_respondent(who);
      auto* response = world_.Respondent(respondents_, "2024-03-10").mutable_survey_response();
      response->set_instrument(instrument);
      response->set_respondent(who);
      for (const uint32_t answer : answers) response->add_answers(answer);
    }
  }
  // The naive batch counts the same in every cell.
  void TearDown() override { EXPECT_EQ(world_.harness().VerifyDifferences(), std::vector<std::string>()); }
  // "numerator/denominator"
  std::string Share(const std::string& indicator, const std::string& period = "2024") {
    const ResultRow row = world_.Value(indicator, period);
    return std::to_string(static_cast<int>(row.numerator)) + "/" +
           std::to_string(static_cast<int>(row.denominator));
  }
  double Value(const std::string& indicator) { return world_.Value(indicator, "2024").ValueOr(-1); }

  RegistryFixture world_;
  uint64_t respondents_ = 0;
};

TEST_F(WorkedExample, ReviewsOfMedicinesWhereverAPersonIs) {
  // Of any age: 1 is young, 2 has no known birth.
  world_.Born(1, "1990-01-01");
  for (const uint64_t resident : {1, 2, 3, 4, 5}) world_.Start(resident, 21, "2022-01-01");
  Review(1, "2024-11-30");
  Review(2, "2024-02-01");
  Review(3, "2023-06-01");
  Review(4, "2022-03-01");
  world_.Start(6, 18, "2024-12-01");
  world_.Start(7, 20, "2024-12-20");
  Review(7, "2024-05-05");  // before the stay
  world_.Start(8, 15, "2024-01-01");
  Review(8, "2024-07-01");
  world_.Start(9, 15, "2024-01-01");
  Review(9, "2024-07-01");
  world_.Pause(9, 15, "2024-12-20", "2025-01-20");
  world_.Start(10, 29, "2024-01-01");
  world_.Start(11, 29, "2024-01-01");
  Review(11, "2024-07-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("medication_review_long_stay"), "2/5");
  EXPECT_EQ(Share("medication_review"), "0/0") << "67 or more only";
  EXPECT_EQ(Share("medication_review_time_limited"), "1/2");
  EXPECT_EQ(Share("medication_review_home"), "1/1") << "who is on pause does not count";
  EXPECT_EQ(Share("medication_review_housing"), "1/2");
  const ResultRow since = world_.Value("time_since_medication_review", "2024");
  EXPECT_EQ(since.classes, (std::vector<int64_t>{1, 1, 1, 1, 1})) << "6, 12, 24 months, longer, never";
  EXPECT_EQ(since.numerator, 1);
  EXPECT_EQ(since.denominator, 5);
  using Classes = std::vector<int64_t>;
  EXPECT_EQ(world_.Value("time_since_medication_review_time_limited", "2024").classes,
            (Classes{0, 1, 0, 0, 1}));
  EXPECT_EQ(world_.Value("time_since_medication_review_home", "2024").classes, (Classes{1, 0, 0, 0, 0}));
  EXPECT_EQ(world_.Value("time_since_medication_review_housing", "2024").classes, (Classes{1, 0, 0, 0, 1}));
}

TEST_F(WorkedExample, ReconciliationIsNoReview) {
  constexpr auto kReconciled = v1::MedicationReview::KIND_RECONCILIATION;
  world_.Start(1, 21, "2024-01-01");
  world_.Start(2, 19, "2024-12-01");
  world_.Start(3, 29, "2024-01-01");
  world_.Start(4, 15, "2024-01-01");
  Review(4, "2024-12-31", kReconciled);
  Review(1, "2024-01-02", kReconciled);
  Review(2, "2024-12-01");
  Review(3, "2023-12-31", kReconciled);  // not within twelve months of the last day
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("medication_reconciliation_nursing_home"), "1/2");
  EXPECT_EQ(Share("medication_reconciliation_housing"), "0/1");
  EXPECT_EQ(Share("medication_review_long_stay"), "0/1");
  using Classes = std::vector<int64_t>;
  EXPECT_EQ(world_.Value("time_since_medication_reconciliation_nursing_home", "2024").classes,
            (Classes{0, 1, 0, 0, 1}));
  EXPECT_EQ(world_.Value("time_since_medication_reconciliation_housing", "2024").classes,
            (Classes{0, 0, 1, 0, 0}));
  EXPECT_EQ(Share("time_since_medication_reconciliation_home"), "1/1");
}

TEST_F(WorkedExample, FollowUpAfterAdmissionAndDischarge) {
  constexpr auto kReconciled = v1::MedicationReview::KIND_RECONCILIATION;
  // 30 days are up on 31 January.
  for (const uint64_t resident : {1, 2, 3, 4, 5}) world_.Start(resident, 21, "2024-01-01");
  Review(1, "2024-01-31");
  Review(2, "2024-02-01");
  Review(2, "2023-12-31");
  Review(3, "2024-01-01");
  world_.End(3, 21, "2024-01-30");  // no longer there
  world_.Died(4, "1940-01-01", "2024-01-30", v1::DEATH_PLACE_NURSING_HOME);
  Review(5, "2024-01-02", kReconciled);
  // 14 days are up on 15 June.
  for (const uint64_t guest : {6, 7, 8}) {
    world_.Start(guest, 18, "2024-05-20");
    world_.End(guest, 18, "2024-06-01");
  }
  Review(6, "2024-06-15", kReconciled);
  Review(7, "2024-06-16", kReconciled);
  Review(8, "2024-06-10", kReconciled);
  world_.Start(8, 20, "2024-06-12");  // there again
  // From one stay into the other: neither an admission nor a discharge.
  world_.Start(9, 18, "2024-09-01");
  world_.End(9, 18, "2024-09-03");
  world_.Start(9, 20, "2024-09-04");
  Review(9, "2024-09-08", kReconciled);
  world_.End(9, 20, "2024-09-10");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("medication_review_after_admission", "2024-01"), "1/3");
  EXPECT_EQ(Share("medication_review_after_admission"), "1/3");
  EXPECT_EQ(Share("medication_reconciliation_after_admission", "2024-01"), "1/5")
      << "7 days: all are still there";
  EXPECT_EQ(Share("medication_reconciliation_after_discharge", "2024-06"), "1/2");
  EXPECT_EQ(Share("medication_reconciliation_after_discharge", "2024-02"), "0/1") << "3, on 13 February";
  EXPECT_EQ(Share("medication_reconciliation_after_admission", "2024-09"), "1/1");
  EXPECT_EQ(Share("medication_reconciliation_after_discharge", "2024-09"), "0/1") << "9, on 24 September";
}

TEST_F(WorkedExample, BackInANursingHome) {
  const auto stay = [&](uint64_t person, uint32_t type, const std::string& first, const std::string& last) {
    world_.Start(person, type, first);
    world_.End(person, type, last);
  };
  // Left on 1 May: 30 days are up on 31 May.
  for (const uint64_t guest : {1, 2, 3, 4, 5}) stay(guest, 18, "2024-04-01", "2024-05-01");
  world_.Start(1, 21, "2024-05-31");
  world_.Start(2, 21, "2024-06-01");
  stay(3, 20, "2024-05-03", "2024-05-05");  // and left again: two discharges
  stay(4, 20, "2024-05-02", "2024-05-10");  // no discharge but the second one
  stay(5, 18, "2024-05-20", "2024-05-25");
  world_.Died(5, "1940-01-01", "2024-05-30", v1::DEATH_PLACE_HOSPITAL);
  world_.Start(6, 21, "2024-01-01");
  world_.Pause(6, 21, "2024-05-01", "2024-05-08");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Share("readmission_nursing_home", "2024-05"), "2/3") << "1 and 3; 2 on the day after; 5 is dead";
  EXPECT_EQ(Share("readmission_nursing_home", "2024-06"), "0/2") << "3 on 4 June, 4 on 9 June";
  EXPECT_EQ(Share("readmission_nursing_home"), "2/5");
}

TEST_F(WorkedExample, TheLastDaysOfLife) {
  const auto die = [&](uint64_t person) {
    world_.Died(person, "1940-01-01", "2024-06-30", v1::DEATH_PLACE_NURSING_HOME);
  };
  world_.Start(1, 15, "2020-01-01");  // at home all the time
  die(1);
  world_.Start(2, 21, "2020-01-01");  // never, though away for a while
  world_.Pause(2, 21, "2024-06-01", "2024-06-20");
  die(2);
  world_.Start(3, 15, "2020-01-01");  // there from 1 June on, and for ten days in May, twice told
  world_.Start(3, 21, "2024-06-01");
  for (const uint32_t type : {18, 20}) {
    world_.Start(3, type, "2024-05-01");
    world_.End(3, type, "2024-05-10");
  }
  die(3);
  world_.Start(4, 18, "2024-03-01");  // 2 April is the 90th last day
  world_.End(4, 18, "2024-04-02");
  world_.Start(4, 29, "2024-04-03");
  die(4);
  world_.Start(5, 21, "2024-01-01");  // no service on the day
  world_.End(5, 21, "2024-06-29");
  die(5);
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("days_outside_nursing_home_last_90", "2024").denominator, 4);
  EXPECT_DOUBLE_EQ(Value("days_outside_nursing_home_last_90"), (90 + 0 + 50 + 89) / 4.0);
  EXPECT_DOUBLE_EQ(Value("days_outside_nursing_home_last_180"), (180 + 0 + 140 + 147) / 4.0);
  EXPECT_EQ(world_.Value("days_outside_nursing_home_last_90", "2024-T1").denominator, 0);
  EXPECT_EQ(world_.Value("days_outside_nursing_home_last_90", "2024-T2").denominator, 4);
}

TEST_F(WorkedExample, FunctionAfterTheStartOfAService) {
  const auto assess = [&](uint64_t person, const std::string& on, uint32_t score) {
    auto* assessed = world_.Person(person, on).mutable_function_assessment();
    for (int i = 0; i < 17; ++i) assessed->add_scores(score);
  };
  for (const auto& [person, type] : {std::pair<uint64_t, uint32_t>{1, 15}, {2, 29}, {3, 21}}) {
    world_.Start(person, type, "2023-01-01");
    assess(person, "2023-01-10", 2);
    assess(person, "2023-06-10", 4);  // day 160
    assess(person, "2024-01-01", 3);  // day 365
  }
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("function_change_half_year", "2023").ValueOr(-1), 2);
  EXPECT_EQ(world_.Value("function_change_half_year", "2023").denominator, 1);
  EXPECT_EQ(Value("function_change_housing"), 1);
  EXPECT_EQ(Value("function_change_long_stay"), 1);
  EXPECT_EQ(world_.Value("function_change_long_stay", "2024").denominator, 1);
}

TEST_F(WorkedExample, Places) {
  world_.Provider(kHomeA, "2024-01-01").mutable_capacity()->set_places(40);
  world_.Provider(kHomeB, "2024-01-01").mutable_capacity()->set_places(12);
  auto* inhabitants = world_.OfMunicipality("0301", "2024-01-01").mutable_inhabitants();
  for (const uint32_t men : {900u, 800u, 700u, 500u, 90u, 10u}) inhabitants->add_men(men);
  for (const uint32_t women : {900u, 800u, 700u, 500u, 70u, 30u}) inhabitants->add_women(women);
  for (const uint64_t resident : {1, 2, 3}) world_.Start(resident, 21, "2024-01-01");
  world_.Pause(2, 21, "2024-12-30", "2025-01-04");
  Apply(4, "2024-12-01", 18);
  Apply(5, "2024-12-01", 20);
  world_.Start(5, 20, "2024-12-11");
  Apply(6, "2024-12-01", 21);
  world_.Settle("2024-12-31");
  EXPECT_DOUBLE_EQ(Value("places_per_1000_aged_80"), 1000 * 52.0 / 200);
  EXPECT_EQ(Share("long_stay_away"), "1/3");
  EXPECT_EQ(Value("nursing_home_residents"), 4) << "whoever is away holds the place";
  EXPECT_EQ(Value("waiting_for_time_limited_stay"), 1);
  EXPECT_EQ(Value("waiting_for_place"), 1);
}

TEST_F(WorkedExample, DaysFromTheDecisionToATimeLimitedStay) {
  uint64_t person = 0;
  for (const char* granted : {"2024-05-01", "2024-05-10", "2024-05-19"}) {
    ++person;
    auto* place = world_.Person(person, granted).mutable_place_granted();
    place->set_application_id("a");
    place->set_service_type(18);
    world_.Start(person, 18, "2024-05-20");
  }
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("time_limited_waiting_days"), 10);
}

TEST_F(WorkedExample, PersonalAssistance) {
  const auto with_hours = [&](uint64_t person, double hours) {
    auto* started = world_.Person(person, "2024-01-01").mutable_service_started();
    started->set_service_id(std::to_string(person));
    started->set_service_type(3);
    started->set_hours_per_week(hours);
  };
  world_.Born(1, "1980-01-01");
  world_.Born(2, "1957-12-31");  // 67 on the last day
  world_.Born(3, "1958-01-01");
  with_hours(1, 50);
  with_hours(2, 10);
  world_.Start(3, 3, "2024-01-01");  // no hours are told
  world_.Start(1, 15, "2024-01-01");
  world_.Start(3, 21, "2024-06-01");
  world_.Settle("2024-12-31");
  EXPECT_DOUBLE_EQ(Value("bpa_hours_per_week"), 30);
  EXPECT_EQ(Share("bpa_users_under_67"), "2/3");
  const ResultRow young = world_.Value("recipients_under_67_by_service_group", "2024");
  EXPECT_EQ(young.numerator, 2);
  EXPECT_EQ(young.classes, (std::vector<int64_t>{2, 0, 1, 0})) << "home, housing, institution, technology";
}

TEST_F(WorkedExample, RelativesAnswerAQuestionnaireOfTheirOwn) {
  //            burden, time, health | information | cooperation | support | trust | user's safety | overall
  Answer("relatives-14", v1::RESPONDENT_RELATIVE, {5, 1, 5, 5, 3, 1, 0, 2, 4, 4, 4, 5, 5, 4});
  Answer("care-experience-10", v1::RESPONDENT_RELATIVE,
         {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});  // the users' questions: not counted
  world_.Settle("2024-12-31");
  EXPECT_DOUBLE_EQ(Value("relative_experience_own_health"), 0) << "two of three are worded negatively";
  EXPECT_DOUBLE_EQ(Value("relative_experience_information"), 75);
  EXPECT_DOUBLE_EQ(Value("relative_experience_cooperation"), 0) << "one of two is half";
  EXPECT_DOUBLE_EQ(Value("relative_experience_support"), 50);
  EXPECT_DOUBLE_EQ(Value("relative_experience_trust"), 75);
  EXPECT_DOUBLE_EQ(Value("relative_experience_user_safety"), 100);
  EXPECT_DOUBLE_EQ(Value("relative_satisfied"), 100);
  const double all = (0 + 0 + 0 + 100 + 50 + 0 + 25 + 75 + 75 + 75 + 100 + 100 + 75) / 13.0;
  EXPECT_NEAR(Value("relative_experience"), all, 0.001);
  EXPECT_EQ(world_.Value("relative_experience", "2024").responded, 5u);
  EXPECT_EQ(world_.Value("user_experience", "2024").responded, 0u);
}

TEST_F(WorkedExample, DailyLifeOfUsersAndResidents) {
  Answer("daily-life-6", v1::RESPONDENT_USER, {5, 2, 2, 5, 4, 1});
  Answer("daily-life-6", v1::RESPONDENT_USER, {5, 1, 2, 5, 0, 1});
  Answer("residents-4", v1::RESPONDENT_USER, {4, 4, 4, 3});
  Answer("care-experience-10", v1::RESPONDENT_USER, {2, 2, 5, 4, 1, 1, 3, 1, 1, 3});
  world_.Settle("2024-12-31");
  EXPECT_NEAR(Value("user_experience_safety"), (87.5 + 100) / 2, 0.001);
  EXPECT_NEAR(Value("user_experience_continuity"), 12.5, 0.001);
  EXPECT_EQ(Share("user_lonely"), "5/10") << "who does not answer the item is in the denominator";
  EXPECT_EQ(Share("resident_satisfied"), "5/5");
  EXPECT_NEAR(Value("user_experience_outcome"), 25, 0.001);
  EXPECT_NEAR(Value("user_experience_access"), 87.5, 0.001);
  EXPECT_NEAR(Value("user_experience_information"), 50, 0.001);
}

TEST(Catalogue, HasNoInstrumentThatNoIndicatorUses) {
  const Catalogue& catalogue = DefaultPlan().Get()->catalogue;
  std::set<std::string> used;
  for (const v1::Definition& definition : catalogue.definitions) {
    for (const v1::Component& component : definition.components()) {
      used.insert(component.survey_index().instrument());
      used.insert(component.survey_item().instrument());
    }
  }
  for (const v1::Instrument& instrument : catalogue.instruments)
    EXPECT_TRUE(used.contains(instrument.id())) << instrument.id();
}

}  // namespace
}  // namespace kpr::test
