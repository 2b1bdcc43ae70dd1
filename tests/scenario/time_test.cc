// What was known when, and how figures came to change.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "indicators/geography/structure.h"
#include "indicators/query/position_token.h"
#include "tests/support/random_history.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

// All that a reader is shown, in one string.
std::string Shown(const ResultTable& table) {
  std::string text = table.horizon.ToString();
  for (const ResultRow& row : table.rows) {
    text += fmt::format("\n{} {} {} {} {} {} {}", row.period, row.area, row.sex, row.age, row.numerator,
                        row.denominator, static_cast<int>(row.reason));
    for (const Estimate& e : row.estimates)
      text += fmt::format(" {} {} {}", e.value, e.lower.value_or(-1), e.upper.value_or(-1));
    for (const int64_t n : row.classes) text += fmt::format(" {}", n);
  }
  return text;
}

v1::GetIndicatorValuesRequest Yearly(const std::string& indicator, const std::string& year) {
  v1::GetIndicatorValuesRequest request;
  request.set_indicator(indicator);
  request.set_from_period(year);
  return request;
}

// Days of events, with a close after each; what was answered then can be asked for ever after.
TEST(AsKnown, EveryCloseAnswersAsItDidThen) {
  RegistryFixture world(&DefaultPlan(), 3);
  std::mt19937_64 random(3);
  struct Close {
    std::string day;
    std::vector<uint64_t> position;
    std::map<std::string, std::string> answers;
  };
  std::vector<Close> day_boundaries;
  const char* kIndicators[] = {"medication_review", "bed_days",           "recipients_during_period",
                               "occupancy",         "need_of_assistance", "user_experience"};
  const auto answer = [&](const std::string& indicator, const Close* close, bool by_position) {
    auto request = Yearly(indicator, "2020");
    request.set_level(v1::LEVEL_MUNICIPALITY);
    if (close != nullptr && by_position) {
      request.set_position(PositionToken(close->position));
    } else if (close != nullptr) {
      request.set_as_of(close->day);
    }
    auto response = world.Get(request);
    response.positions.clear();
    return Shown(response);
  };
  auto events = MakeHistory(77 * 7919).events;
  for (uint64_t seed = 1; events.size() < 240; ++seed) {
    const auto more = MakeHistory(seed * 131).events;
    events.insert(events.end(), more.begin(), more.end());
  }
  std::shuffle(events.begin(), events.end(), random);
  Date day = Date::FromYmd(2020, 12, 1);
  for (size_t at = 0; at < events.size(); at += 30, day = day + 1) {
    world.harness().Tick(day);
    world.harness().Append({events.begin() + static_cast<std::ptrdiff_t>(at),
                            events.begin() + static_cast<std::ptrdiff_t>(std::min(events.size(), at + 30))});
    world.harness().WaitApplied();
    Close close{day.ToString(), {}, {}};
    for (uint32_t i = 0; i < world.harness().registry().partitions(); ++i)
      close.position.push_back(world.harness().registry().store(i)->next_offset());
    for (const char* indicator : kIndicators) close.answers[indicator] = answer(indicator, nullptr, false);
    day_boundaries.push_back(std::move(close));
  }
  world.harness().Tick(day);
  world.harness().WaitApplied();
  ASSERT_GE(day_boundaries.size(), 8u);
  for (const Close& close : day_boundaries) {
    for (const auto& [indicator, then] : close.answers) {
      EXPECT_EQ(answer(indicator, &close, false), then) << indicator << " as of " << close.day;
      EXPECT_EQ(answer(indicator, &close, true), then) << indicator << " at position, " << close.day;
    }
  }
}

TEST(AsKnown, WhatCameAtThePositionIsNotKnownYet) {
  RegistryFixture world;
  world.Born(1, "1940-01-01");
  world.Start(1, 21, "2023-01-01");
  world.Settle("2024-01-10");
  auto request = Yearly("medication_review", "2023");
  const auto before = world.Get(request);
  v1::Event& review = world.Person(1, "2023-06-01");
  review.mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  world.harness().Append({review});  // with no tick before it
  world.harness().WaitApplied();
  EXPECT_EQ(world.Get(request).rows[0].numerator, 1);
  request.set_position(PositionToken(before.positions));
  EXPECT_EQ(world.Get(request).rows[0].numerator, 0);
}

// A clock was years ahead, and the calendar goes back to a day that it had passed over.
TEST(AsKnown, ACalendarThatWasSetBackHasItsDay) {
  RegistryFixture world;
  world.Born(1, "1940-01-01");
  world.Start(1, 21, "2020-02-01");
  world.Settle("2027-06-30");
  world.harness().Tick(*Date::Parse("2020-10-15"), true);
  world.harness().WaitApplied();
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("nursing_home_residents");
  request.set_from_period("2020-09");
  request.set_to_period("2020-09");
  const ResultTable live = world.Get(request);
  ASSERT_EQ(live.horizon.ToString(), "2020-10-15");
  ASSERT_EQ(live.rows.size(), 1u);
  ASSERT_EQ(live.rows[0].numerator, 1);
  request.set_as_of("2020-10-15");
  const ResultTable as_of = world.Get(request);
  EXPECT_EQ(as_of.horizon.ToString(), "2020-10-15");
  ASSERT_EQ(as_of.rows.size(), 1u);
  EXPECT_EQ(as_of.rows[0].numerator, 1);
  // Rebuilt, and set back twice, it is the same.
  world.harness().Tick(*Date::Parse("2029-01-01"));
  world.harness().Tick(*Date::Parse("2020-10-15"), true);
  world.harness().WaitApplied();
  for (uint32_t i = 0; i < 2; ++i) {
    const ScrubReport scrubbed = world.harness().registry().scrubber().Scrub(i);
    ASSERT_TRUE(scrubbed.status.ok()) << scrubbed.status.message();
    EXPECT_EQ(scrubbed.differences, 0u) << scrubbed.first;
  }
  EXPECT_EQ(world.Get(request).rows[0].numerator, 1);
}

TEST(AsKnown, ARevisionTellsOldNewAndCause) {
  RegistryFixture world;
  world.Born(1, "1940-01-01");
  world.Born(2, "1940-01-01");
  for (const uint64_t person : {1, 2}) world.Start(person, 21, "2023-01-01");
  world.Settle("2024-01-10");
  v1::Event& review = world.Person(1, "2023-06-01");
  review.mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  const v1::Event told = review;
  world.Settle("2024-02-20");
  world.Annul(told);
  world.Settle("2024-03-05");
  world.Settle("2024-03-06");
  v1::ListIndicatorRevisionsRequest request;
  request.set_indicator("medication_review");
  request.set_period("2023");
  const auto response = world.query().Revisions(request);
  ASSERT_TRUE(response.ok()) << response.status().message();
  ASSERT_EQ(response->size(), 3u);
  EXPECT_EQ((*response)[0].day.ToString(), "2024-01-10");
  EXPECT_EQ((*response)[0].after.denominator, 2);
  EXPECT_EQ((*response)[1].day.ToString(), "2024-02-20");
  EXPECT_EQ((*response)[1].before.ValueOr(0), 0);
  EXPECT_EQ((*response)[1].after.ValueOr(0), 50);
  ASSERT_EQ((*response)[1].events.size(), 1u);
  EXPECT_EQ((*response)[1].events[0].ToString(), told.event_id());
  EXPECT_EQ((*response)[2].day.ToString(), "2024-03-05");
  EXPECT_EQ((*response)[2].after.ValueOr(0), 0);
}

TEST(AsKnown, ARevisionIsOfAPeriodThatHasBegun) {
  RegistryFixture world;
  for (const uint64_t person : {1, 2, 3}) {
    world.Born(person, "1940-01-01");
    world.Start(person, 21, "2022-06-01");
    world.Settle(person == 3 ? "2024-02-01" : "2022-0" + std::to_string(6 + person) + "-10");
  }
  v1::ListIndicatorRevisionsRequest request;
  request.set_indicator("nursing_home_residents");
  for (const auto& [period, day, residents] :
       {std::tuple("2024", "2024-01-01", 2), {"2023", "2023-01-01", 2}, {"2022", "2022-07-10", 1}}) {
    request.set_period(period);
    const auto response = world.query().Revisions(request);
    ASSERT_TRUE(response.ok()) << response.status().message();
    ASSERT_GE(response->size(), 2u) << period;
    EXPECT_EQ(response->front().day.ToString(), day);
    EXPECT_EQ(response->front().before.ValueOr(0), 0);
    EXPECT_EQ(response->front().after.ValueOr(0), residents) << period;
    EXPECT_EQ(response->back().day.ToString(), "2024-02-01");
    EXPECT_EQ(response->back().after.ValueOr(0), 3) << period;
  }
}

TEST(Explanation, AddsUpToTheFigure) {
  RegistryFixture world(&DefaultPlan(), 3);
  for (uint64_t seed = 1; seed <= 3; ++seed) world.harness().Append(MakeHistory(seed * 7919).events);
  world.Settle("2020-12-31");
  int explained = 0;
  for (const auto& definition : DefaultPlan().Get()->catalogue.definitions) {
    for (const auto& [area, period] :
         {std::pair("0", "2020"), {"0301", "2020"}, {"11", "2020"}, {"0301", "2020-T1"}, {"0", "2020-T2"}}) {
      const auto unit = std::string(period).size() == 4 ? v1::PERIOD_UNIT_YEAR : v1::PERIOD_UNIT_TERTIAL;
      if (std::find(definition.periods().begin(), definition.periods().end(), unit) ==
          definition.periods().end())
        continue;
      v1::ExplainIndicatorValueRequest request;
      request.set_indicator(definition.id());
      request.set_period(period);
      request.set_area(area);
      const auto response = world.query().Explain(request, 0, 1000);
      ASSERT_TRUE(response.ok()) << response.status().message();
      EXPECT_NEAR(response->numerator, response->row->numerator, 1e-9) << definition.id() << " " << area;
      EXPECT_NEAR(response->denominator, response->row->denominator, 1e-9) << definition.id();
      EXPECT_EQ(response->classes, response->row->classes) << definition.id();
      for (const auto& s : response->subjects) EXPECT_FALSE(s.events.empty()) << definition.id();
      explained += response->all_subjects > 0;
    }
  }
  EXPECT_GT(explained, 40);
}

TEST(Answers, APeriodTheDataDoNotReachIsRefused) {
  RegistryFixture world;
  world.Start(1, 21, "2024-01-01");
  world.Settle("2024-12-31");
  for (const char* period : {"2025", "2026", "2031"}) {
    const auto response = world.query().Get(Yearly("nursing_home_residents", period));
    ASSERT_FALSE(response.ok()) << period;
    EXPECT_NE(response.status().message().find("the data reach 2024-12-31"), std::string::npos);
  }
}

TEST(Answers, InhabitantsAreNotCountedTwiceWhenACodeChanges) {
  RegistryFixture world;
  const auto count = [&](const std::string& municipality, const std::string& on, uint32_t each) {
    auto* inhabitants = world.OfMunicipality(municipality, on).mutable_inhabitants();
    for (int band = 0; band < 6; ++band) {
      inhabitants->add_men(each);
      inhabitants->add_women(each);
    }
  };
  count("0101", "2019-01-01", 100);
  count("3001", "2020-01-01", 200);
  world.Start(1, 15, "2019-03-01", "0101");
  world.Settle("2020-12-31");
  EXPECT_EQ(world.Value("users_per_1000_home", "2019", "0101").denominator, 1200);
  EXPECT_EQ(world.Value("users_per_1000_home", "2020", "3001").denominator, 2400);
  EXPECT_EQ(world.Value("users_per_1000_home", "2020").denominator, 2400);
  auto request = Yearly("users_per_1000_home", "2019");
  request.set_level(v1::LEVEL_SIZE_GROUP);
  request.set_structure_year(2020);
  const auto groups = world.Get(request);
  double in_group = 0;
  for (const auto& value : groups.rows) in_group += value.area == "< 2000" ? value.denominator : 0;
  EXPECT_EQ(in_group, 1200) << "the group of a code that comes later, by its ancestor's inhabitants";
}

TEST(Answers, AProvidersIndustryIsThatOfThePeriod) {
  RegistryFixture world;
  world.Born(1, "1930-01-01");
  world.Start(1, 21, "2019-01-01", "0301", kHomeA);
  world.Provider(kHomeA, "2019-01-01").mutable_capacity()->set_industry_code("87.101");
  world.Provider(kHomeA, "2023-06-01").mutable_capacity()->set_industry_code("87.301");
  auto* inhabitants = world.OfMunicipality("0301", "2019-01-01").mutable_inhabitants();
  for (int band = 0; band < 6; ++band) {
    inhabitants->add_men(10);
    inhabitants->add_women(10);
  }
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("residents_80_long_stay_nursing_home", "2022").numerator, 1);
  EXPECT_EQ(world.Value("residents_80_long_stay_nursing_home", "2023").numerator, 0);
  EXPECT_EQ(world.Value("residents_80_institution", "2023").numerator, 1);
}

// Thirty municipalities like each other and one that is not.
TEST(Comparison, OnlyWhatIsBeyondChanceStandsOut) {
  RegistryFixture world;
  const auto municipalities = Structure::Of(2024).municipalities();
  uint64_t person = 0;
  for (size_t m = 0; m < 31; ++m) {
    const std::string code = municipalities[m].ToString();
    for (int i = 0; i < 200; ++i) {
      ++person;
      world.Born(person, "1940-01-01", i % 2 == 0 ? v1::SEX_FEMALE : v1::SEX_MALE);
      world.Start(person, 21, "2024-01-01", code);
      const bool reviewed = m == 7 ? i < 190 : i * 31 % 200 < 100 + static_cast<int>(m % 5) * 2 - 4;
      if (reviewed)
        world.Person(person, "2024-05-05", code)
            .mutable_medication_review()
            ->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
    }
  }
  world.Settle("2024-12-31");
  v1::CompareMunicipalitiesRequest request;
  request.set_indicator("medication_review");
  request.set_period("2024");
  const auto response = world.query().Compare(request, {});
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_LT(response->dispersion, 2);
  int shown = 0;
  for (const AreaComparison& row : response->municipalities) {
    if (row.outlier_status == v1::OUTLIER_STATUS_TOO_FEW) continue;
    ++shown;
    const bool outlier = row.row.area == municipalities[7].ToString();
    EXPECT_EQ(row.outlier_status, outlier ? v1::OUTLIER_STATUS_VERY_HIGH : v1::OUTLIER_STATUS_WITHIN)
        << row.row.area;
    EXPECT_NEAR(row.observed, row.ratio * row.expected, 1e-9);
    EXPECT_LT(row.alarm.lower, row.warning.lower);
    EXPECT_LT(row.warning.upper, row.alarm.upper);
    EXPECT_LT(std::abs(row.shrunken_ratio - 1), std::abs(row.ratio - 1) + 0.05);
  }
  EXPECT_EQ(shown, 31);
}

TEST(Completeness, WhoHasNotDeclaredIsLeftOutOrCarriedForward) {
  RegistryFixture world;
  const auto declare = [&](const std::string& municipality, const std::string& year) {
    auto* complete = world.OfMunicipality(municipality, year + "-12-31").mutable_period_complete();
    complete->set_first_month(year + "-01");
    complete->set_last_month(year + "-12");
  };
  for (uint64_t i = 1; i <= 4; ++i) world.Start(i, 21, "2022-01-01", "0301");
  for (uint64_t i = 11; i <= 16; ++i) world.Start(i, 21, "2022-01-01", "4601");
  for (uint64_t i = 11; i <= 13; ++i) world.End(i, 21, "2023-05-01", "4601");
  declare("0301", "2022");
  declare("0301", "2023");
  declare("4601", "2022");
  world.Settle("2023-12-31");
  auto request = Yearly("nursing_home_residents", "2023");
  EXPECT_EQ(world.Get(request).rows[0].ValueOr(0), 7);
  EXPECT_EQ(world.Get(request).rows[0].coverage.declared, 1u);
  request.set_incomplete_policy(v1::INCOMPLETE_POLICY_EXCLUDE);
  EXPECT_EQ(world.Get(request).rows[0].ValueOr(0), 4);
  request.set_incomplete_policy(v1::INCOMPLETE_POLICY_CARRY_FORWARD);
  EXPECT_EQ(world.Get(request).rows[0].ValueOr(0), 10);
  EXPECT_TRUE(world.Get(request).rows[0].carried_forward);
}

}  // namespace
}  // namespace kpr::test
