// The sentences of docs/counting.md, each a test of its name. document_test.sh compares the names.
#include <gtest/gtest.h>

#include <algorithm>

#include "registry/facts/subject.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

class CountingTest : public testing::Test {
 protected:
  double Value(const std::string& indicator, const std::string& period, const std::string& area = "") {
    return world_.Value(indicator, period, area).ValueOr(-1);
  }

  // As many women of 80 to 89.
  v1::Event& Inhabitants(const std::string& municipality, const std::string& on, uint32_t women) {
    v1::Event& event = world_.OfMunicipality(municipality, on);
    for (int band = 0; band < 6; ++band) {
      event.mutable_inhabitants()->add_men(0);
      event.mutable_inhabitants()->add_women(band == 4 ? women : 0);
    }
    return event;
  }
  // As an indicator per inhabitants counts them.
  double InhabitantsOf(const std::string& year, const std::string& area) {
    return world_.Value("users_per_1000_institution", year, area).denominator;
  }
  // Of the only row with the age.
  double OfAge(const std::string& indicator, const std::string& period, const std::string& age) {
    v1::GetIndicatorValuesRequest request;
    request.set_indicator(indicator);
    request.set_from_period(period);
    request.set_by_age(true);
    double value = 0;
    for (const ResultRow& row : world_.Get(request).rows) {
      if (row.age == age) value = row.numerator;
    }
    return value;
  }

  void Apply(const std::string& on, const std::string& application = "a") {
    v1::PlaceApplied& applied = *world_.Person(1, on).mutable_place_applied();
    applied.set_application_id(application);
    applied.set_service_type(21);
  }
  void Grant(const std::string& on, const std::string& application = "a") {
    v1::PlaceGranted& granted = *world_.Person(1, on).mutable_place_granted();
    granted.set_application_id(application);
    granted.set_service_type(21);
  }
  void Decline(const std::string& on, const std::string& application = "a") {
    v1::PlaceDeclined& declined = *world_.Person(1, on).mutable_place_declined();
    declined.set_application_id(application);
    declined.set_service_type(21);
  }
  void Assess(const std::string& on, uint32_t score) {
    world_.Person(1, on).mutable_function_assessment()->add_scores(score);
  }
  // Five respondents, as fewer are not shown.
  void Invite(const std::string& on) {
    for (uint64_t respondent = 1; respondent <= 5; ++respondent) {
      v1::SurveyInvitation& asked = *world_.Respondent(respondent, on).mutable_survey_invitation();
      asked.set_instrument("care-experience-10");
      asked.set_respondent(v1::RESPONDENT_USER);
    }
  }
  void Respond(const std::string& on, uint32_t satisfied) {
    for (uint64_t respondent = 1; respondent <= 5; ++respondent) {
      v1::SurveyResponse& response = *world_.Respondent(respondent, on).mutable_survey_response();
      response.set_instrument("care-experience-10");
      response.set_respondent(v1::RESPONDENT_USER);
      for (int item = 0; item < 10; ++item) response.add_answers(satisfied);
    }
  }
  size_t Findings(FindingCode code) {
    const auto keys = world_.harness().Findings();
    return static_cast<size_t>(std::count_if(keys.begin(), keys.end(), [&](const std::string& key) {
      return key.size() > 24 && key[24] == static_cast<char>(code);  // after sender and subject
    }));
  }

  RegistryFixture world_;
};

TEST_F(CountingTest, DeathEndsServices) {
  world_.Start(1, 21, "2024-01-01");
  world_.Died(1, "1940-01-01", "2024-06-30", v1::DEATH_PLACE_NURSING_HOME);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("nursing_home_residents", "2024-06"), 1) << "on the day itself";
  EXPECT_EQ(Value("nursing_home_residents", "2024-07"), 0);
}

TEST_F(CountingTest, DeathEndsWaits) {
  Apply("2024-05-01");
  world_.Died(1, "1940-01-01", "2024-06-30", v1::DEATH_PLACE_HOME);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("waiting_for_place", "2024-06"), 1) << "on the day itself";
  EXPECT_EQ(Value("waiting_for_place", "2024-07"), 0);
}

TEST_F(CountingTest, AWaitEndsWithTheStayOrTheRefusal) {
  Apply("2024-01-10");
  world_.Start(1, 21, "2024-03-01");
  Apply("2024-04-10", "b");
  Decline("2024-06-01", "b");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("waiting_for_place", "2024-02"), 1);
  EXPECT_EQ(Value("waiting_for_place", "2024-03"), 0);
  EXPECT_EQ(Value("waiting_for_place", "2024-05"), 1);
  EXPECT_EQ(Value("waiting_for_place", "2024-06"), 0);
}

TEST_F(CountingTest, AServiceIdBegunAgainWhileRunning) {
  world_.Start(1, 21, "2024-01-01", "0301", kHomeA);
  world_.Start(1, 21, "2024-02-01", "4601", kHomeB);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("nursing_home_residents", "2024", "0301"), 1);
  EXPECT_EQ(Value("nursing_home_residents", "2024", "4601"), 0);
  EXPECT_EQ(Findings(FindingCode::kStartWhileRunning), 1u);
}

TEST_F(CountingTest, AServiceIdBegunAgainAfterItsEnd) {
  world_.Start(1, 21, "2024-01-01");
  world_.End(1, 21, "2024-02-10");
  world_.Start(1, 21, "2024-04-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("nursing_home_residents", "2024-03"), 0);
  EXPECT_EQ(Value("nursing_home_residents", "2024-04"), 1);
  EXPECT_EQ(Findings(FindingCode::kStartWhileRunning), 0u);
}

TEST_F(CountingTest, APauseBeforeTheFirstDay) {
  world_.Start(1, 15, "2024-02-01");
  world_.Pause(1, 15, "2024-01-20", "2024-12-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("recipients_during_period", "2024-02").numerator, 1) << "it has no effect";
  EXPECT_EQ(Findings(FindingCode::kPauseWithoutService), 1u);
}

TEST_F(CountingTest, TheGrantOfAStay) {
  Apply("2024-01-01");
  Grant("2024-01-10");
  Grant("2024-01-20");
  world_.Start(1, 21, "2024-02-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("place_waiting_days", "2024"), 12) << "the latest";
}

TEST_F(CountingTest, AGrantDeclinedByTheFirstDay) {
  Apply("2024-01-01", "a");
  Grant("2024-01-10", "a");
  Apply("2024-01-01", "b");
  Grant("2024-01-20", "b");
  Decline("2024-02-01", "b");
  world_.Start(1, 21, "2024-02-01");
  Decline("2024-02-02", "a");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("place_waiting_days", "2024"), 22) << "a is declined too late to matter";
}

TEST_F(CountingTest, TheFunctionAtTheStart) {
  world_.Start(1, 15, "2022-06-01");
  Assess("2022-04-01", 5);  // 61 days before
  Assess("2022-04-02", 1);  // 60 days before
  Assess("2022-07-31", 4);  // 60 days after
  Assess("2023-06-01", 3);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("function_change", "2023"), 2) << "the first within 60 days on either side";
}

TEST_F(CountingTest, TheFunctionLater) {
  world_.Start(1, 15, "2022-06-01");
  Assess("2022-06-01", 1);
  Assess("2023-06-01", 3);
  world_.End(1, 15, "2023-06-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("function_change", "2023"), 2) << "on the last day of the service";
  world_.Start(2, 15, "2022-06-01");
  world_.Person(2, "2022-06-01").mutable_function_assessment()->add_scores(1);
  world_.Person(2, "2023-06-02").mutable_function_assessment()->add_scores(5);
  world_.End(2, 15, "2023-06-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("function_change", "2023").denominator, 1) << "not after it";
}

TEST_F(CountingTest, ARespondentInvitedInTwoYears) {
  Invite("2023-05-01");
  Respond("2023-05-10", 2);
  Invite("2024-05-01");
  Respond("2024-05-10", 5);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("user_satisfied", "2023"), 0);
  EXPECT_EQ(Value("user_satisfied", "2024"), 100);
  EXPECT_EQ(world_.Value("user_satisfied", "2023").invited, 5u);
  EXPECT_EQ(world_.Value("user_satisfied", "2024").invited, 5u);
  EXPECT_EQ(Findings(FindingCode::kResponseAgain), 0u);
}

TEST_F(CountingTest, AReminder) {
  Invite("2023-12-20");
  Invite("2024-03-19");  // 90 days later
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("user_satisfied", "2023").invited, 5u);
  EXPECT_EQ(world_.Value("user_satisfied", "2024").invited, 0u);
  Invite("2024-03-20");  // 91 days after the one that counts
  Respond("2024-03-25", 5);
  Invite("2024-11-20");  // in the same calendar year
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("user_satisfied", "2023").responded, 0u);
  EXPECT_EQ(world_.Value("user_satisfied", "2024").invited, 5u);
  EXPECT_EQ(world_.Value("user_satisfied", "2024").responded, 5u);
}

TEST_F(CountingTest, ARespondentWhoAnswersAgain) {
  Invite("2024-05-01");
  Respond("2024-05-10", 5);
  Respond("2024-06-10", 1);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("user_satisfied", "2024"), 100);
  EXPECT_EQ(world_.Value("user_satisfied", "2024").responded, 5u);
  EXPECT_EQ(Findings(FindingCode::kResponseAgain), 5u);
}

TEST_F(CountingTest, AResponseBeforeItsInvitation) {
  Respond("2024-04-30", 5);
  Invite("2024-05-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(world_.Value("user_satisfied", "2024").responded, 0u);
  EXPECT_EQ(Findings(FindingCode::kResponseWithoutInvitation), 5u);
}

TEST_F(CountingTest, WhatAReportDoesNotState) {
  v1::Capacity& first = *world_.Provider(kHomeA, "2022-01-01").mutable_capacity();
  first.set_places(40);
  first.set_places_sold(4);
  world_.Provider(kHomeA, "2023-01-01").mutable_capacity()->set_places(50);
  world_.Provider(kHomeA, "2024-01-01").mutable_capacity()->set_places_sold(0);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("places_available", "2022"), 36);
  EXPECT_EQ(Value("places_available", "2023"), 46) << "as many sold as before";
  EXPECT_EQ(Value("places_available", "2024"), 50) << "a stated zero is one";
}

TEST_F(CountingTest, HoursAndStaffInReportsOfTheirOwn) {
  world_.Start(1, 21, "2024-01-01");
  world_.Provider(kHomeA, "2024-01-01").mutable_workforce()->set_doctor_hours_per_week(7);
  world_.Provider(kHomeA, "2024-06-01").mutable_workforce()->set_full_time_equivalents(20);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("doctor_hours_per_resident", "2024"), 7);
}

TEST_F(CountingTest, AProviderReportedByTwoMunicipalities) {
  world_.Provider(kHomeA, "2024-01-01", "0301").mutable_capacity()->set_places(40);
  world_.Provider(kHomeA, "2024-06-01", "4601").mutable_capacity()->set_places(44);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("places_available", "2024-05", "0301"), 40);
  EXPECT_EQ(Value("places_available", "2024-06", "0301"), 0);
  EXPECT_EQ(Value("places_available", "2024-06", "4601"), 44);
}

TEST_F(CountingTest, AReportOfAMunicipality) {
  Inhabitants("0301", "2022-03-01", 4000);
  Inhabitants("0301", "2024-02-01", 5000);
  world_.Settle("2024-12-31");
  EXPECT_EQ(InhabitantsOf("2021", "0301"), 0) << "nothing was reported yet";
  EXPECT_EQ(InhabitantsOf("2022", "0301"), 4000);
  EXPECT_EQ(InhabitantsOf("2023", "0301"), 4000);
  EXPECT_EQ(InhabitantsOf("2024", "0301"), 5000);
}

TEST_F(CountingTest, ServicesUnderACodeThatWasSplit) {
  const auto users = [&](const std::string& period, const std::string& area) {
    return world_.Value("nursing_home_residents", period, area);
  };
  world_.Start(1, 21, "2023-05-01", "1507");
  world_.Start(2, 21, "2024-02-01", "1508");
  world_.Start(3, 21, "2024-02-01", "1580");
  world_.Start(4, 21, "2024-02-01", "0301");
  world_.Settle("2024-03-31");
  EXPECT_EQ(users("2024-02", "1508").ValueOr(0), 1);
  for (const char* part : {"1508", "1580"}) {
    ASSERT_EQ(users("2024-02", part).notes.size(), 1u) << part;
    EXPECT_NE(users("2024-02", part).notes[0].en().find("1507"), std::string::npos);
  }
  EXPECT_TRUE(users("2024-02", "0301").notes.empty());
  EXPECT_TRUE(users("2023-12", "1507").notes.empty());
  EXPECT_EQ(users("2024-02", "").ValueOr(0), 4) << "the country";
  EXPECT_TRUE(users("2024-02", "").notes.empty());
  world_.End(1, 21, "2023-12-31", "1507");
  world_.Start(1, 21, "2024-01-01", "1508");
  world_.Settle("2024-03-31");
  EXPECT_EQ(users("2024-02", "1508").ValueOr(0), 2);
  for (const char* part : {"1508", "1580"}) EXPECT_TRUE(users("2024-02", part).notes.empty());
  EXPECT_EQ(users("2024-02", "").ValueOr(0), 4);
}

TEST_F(CountingTest, AReportEndsWithItsCode) {
  Inhabitants("1507", "2022-01-01", 6000);
  Inhabitants("1508", "2025-03-01", 5000);
  Inhabitants("1580", "2024-01-01", 1000);
  world_.Settle("2025-12-31");
  EXPECT_EQ(InhabitantsOf("2023", "15"), 6000);
  EXPECT_EQ(InhabitantsOf("2024", "15"), 1000) << "1507 is no more, and 1508 has reported nothing";
  EXPECT_EQ(InhabitantsOf("2025", "15"), 6000);
}

// Both parts of a municipality that was split may report on the time before.
TEST_F(CountingTest, ReportsOfTwoSendersOnOneDay) {
  const bool north_holds = SenderNumber("north") > SenderNumber("south");
  Inhabitants("1507", "2022-01-01", 4000).mutable_source()->set_district("north");
  Inhabitants("1507", "2022-01-01", 6000).mutable_source()->set_district("south");
  Inhabitants("1507", "2023-01-01", 5000).mutable_source()->set_district(north_holds ? "south" : "north");
  world_.Settle("2023-12-31");
  EXPECT_EQ(InhabitantsOf("2022", "1507"), north_holds ? 4000 : 6000);
  EXPECT_EQ(InhabitantsOf("2023", "1507"), 5000) << "a later report is the next one, whoever sends it";
}

TEST_F(CountingTest, WhereReportingBegins) {
  world_.Start(1, 21, "2020-01-01", "0301");
  world_.Start(2, 21, "2020-01-01", "4601");
  auto* complete = world_.OfMunicipality("0301", "2023-12-31").mutable_period_complete();
  complete->set_first_month("2022-03");
  complete->set_last_month("2023-12");
  world_.Settle("2023-12-31");
  EXPECT_EQ(Value("nursing_home_residents", "2022-02", "0301"), -1);
  EXPECT_EQ(Value("nursing_home_residents", "2022-02"), 1) << "in no sum either";
  EXPECT_EQ(Value("nursing_home_residents", "2022-03", "0301"), 1);
  EXPECT_EQ(Value("nursing_home_residents", "2022-02", "4601"), 1) << "who declares nothing";
}

TEST_F(CountingTest, AgeOnTheLastDay) {
  world_.Born(1, "1957-12-31");
  world_.Start(1, 21, "2024-01-01");
  world_.Settle("2024-12-31");
  EXPECT_EQ(OfAge("nursing_home_residents", "2024", "67-79"), 1) << "67 on the last day";
}

TEST_F(CountingTest, AgeOfThoseWhoWereHelpedInAPeriod) {
  world_.Born(1, "1957-12-31");
  world_.Start(1, 21, "2024-01-01");
  world_.End(1, 21, "2024-01-31");
  world_.Settle("2024-12-31");
  EXPECT_EQ(OfAge("recipients_during_period", "2024", "67-79"), 1) << "on its last day";
}

TEST_F(CountingTest, AgeOnADayOfStay) {
  world_.Born(1, "1957-12-31");
  world_.Start(1, 21, "2024-12-21");
  world_.End(1, 21, "2025-01-10");
  world_.Settle("2025-12-31");
  EXPECT_EQ(OfAge("bed_days", "2024", "50-66"), 10);
  EXPECT_EQ(OfAge("bed_days", "2024", "67-79"), 1);
}

}  // namespace
}  // namespace kpr::test
