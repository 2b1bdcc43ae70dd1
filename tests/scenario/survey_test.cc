// Surveys as data: the published Oslo table (reference section 2.5), response rates and weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

constexpr char kInstrument[] = R"(
id: "oslo-residents" title { nb: "Beboere" en: "Residents" } scale_min: 1 scale_max: 4 source: "test"
items { text { nb: "Alt i alt" en: "Overall" } dimension: "overall" }
)";
constexpr char kMean[] = R"(
id: "oslo_mean" version: 1 title { nb: "x" en: "x" } kind: KIND_MEAN periods: PERIOD_UNIT_YEAR source { nb: "test" en: "test" } theme: THEME_USER_EXPERIENCE direction: DIRECTION_HIGHER_IS_BETTER unit: "index"
components { subject: SUBJECT_TYPE_RESPONDENT role: ROLE_DENOMINATOR survey_index { instrument: "oslo-residents" respondent: RESPONDENT_USER } }
)";
constexpr char kSatisfied[] = R"(
id: "oslo_satisfied" version: 1 title { nb: "x" en: "x" } kind: KIND_PROPORTION periods: PERIOD_UNIT_YEAR source { nb: "test" en: "test" } theme: THEME_USER_EXPERIENCE direction: DIRECTION_HIGHER_IS_BETTER unit: "%" scale: 100
components {
  subject: SUBJECT_TYPE_RESPONDENT role: ROLE_DENOMINATOR
  survey_item { instrument: "oslo-residents" respondent: RESPONDENT_USER item: 1 }
  classes { id: "satisfied" from: 3 to: 4 } classes { id: "not_satisfied" from: 1 to: 2 } classes { id: "unsure" }
  numerator_class: "satisfied"
}
)";

PlanHolder MakePlan() {
  auto catalogue =
      LoadCatalogue({{"a.textproto", kMean}, {"b.textproto", kSatisfied}}, {{"i.textproto", kInstrument}});
  EXPECT_TRUE(catalogue.ok()) << catalogue.status().message();
  return PlanHolder(std::move(*Compile(std::move(*catalogue))));
}

class Survey {
 public:
  explicit Survey(RegistryFixture* world) : world_(world) {}

  void Answer(const std::string& day, uint32_t answer, const std::string& municipality = "0301") {
    Invite(day, municipality);
    auto* response = world_->Respondent(next_, day, municipality).mutable_survey_response();
    response->set_instrument("oslo-residents");
    response->set_respondent(v1::RESPONDENT_USER);
    response->add_answers(answer);
  }
  void Invite(const std::string& day, const std::string& municipality = "0301") {
    auto* invitation = world_->Respondent(++next_, day, municipality).mutable_survey_invitation();
    invitation->set_instrument("oslo-residents");
    invitation->set_respondent(v1::RESPONDENT_USER);
    invitation->set_provider(kHomeA);
  }

 private:
  RegistryFixture* world_;
  uint64_t next_ = 0;
};

TEST(SurveyTables, OsloResidents) {
  struct Year {
    int year;
    int satisfied, share;
    double mean;
  };
  const Year kYears[] = {
      {2012, 1522, 91, 3.5}, {2011, 1811, 84, 3.4}, {2010, 1253, 83, 3.3}, {2009, 758, 89, 3.3}};
  const PlanHolder plan = MakePlan();
  RegistryFixture world(&plan);
  Survey survey(&world);
  for (const Year& y : kYears) {
    const std::string day = std::to_string(y.year) + "-09-01";
    const int asked = y.year == 2012 ? 1672 : static_cast<int>(std::lround(y.satisfied * 100.0 / y.share));
    const int unsatisfied = (asked - y.satisfied) * 4 / 5, unsure = asked - y.satisfied - unsatisfied;
    // As many fours as give the published mean of those who have an opinion.
    const int points = static_cast<int>(std::lround(y.mean * (y.satisfied + unsatisfied)));
    const int fours = points - 3 * y.satisfied - 2 * unsatisfied;
    ASSERT_TRUE(fours >= 0 && fours <= y.satisfied) << y.year;
    for (int i = 0; i < y.satisfied; ++i) survey.Answer(day, i < fours ? 4 : 3);
    for (int i = 0; i < unsatisfied; ++i) survey.Answer(day, 2);
    for (int i = 0; i < unsure; ++i) survey.Answer(day, 0);
  }
  world.Settle("2012-12-31");
  for (const Year& y : kYears) {
    const ResultRow satisfied = world.Value("oslo_satisfied", std::to_string(y.year));
    EXPECT_EQ(satisfied.numerator, y.satisfied) << y.year;
    EXPECT_EQ(std::round(satisfied.ValueOr(0)), y.share) << y.year << ", \"don't know\" in the denominator";
    const double index = world.Value("oslo_mean", std::to_string(y.year)).ValueOr(0);
    EXPECT_EQ(std::round((1 + index * 3 / 100) * 10) / 10, y.mean) << y.year;
  }
}

TEST(SurveyTables, WeightedForWhoAnswered) {
  const PlanHolder plan = MakePlan();
  RegistryFixture world(&plan);
  Survey survey(&world);
  // Oslo: 10 of 100 answer, all 4. Bergen: 10 of 20 answer, all 1.
  for (int i = 0; i < 10; ++i) survey.Answer("2024-05-01", 4, "0301");
  for (int i = 0; i < 90; ++i) survey.Invite("2024-05-01", "0301");
  for (int i = 0; i < 10; ++i) survey.Answer("2024-05-01", 1, "4601");
  for (int i = 0; i < 10; ++i) survey.Invite("2024-05-01", "4601");
  world.Settle("2024-12-31");
  const ResultRow value = world.Value("oslo_mean", "2024");
  EXPECT_EQ(value.invited, 120u);
  EXPECT_EQ(value.responded, 20u);
  EXPECT_NEAR(value.ValueOr(0), 50, 1e-9);
  const auto weighted = std::find_if(value.estimates.begin(), value.estimates.end(),
                                     [](const Estimate& e) { return e.name == v1::ESTIMATE_NAME_WEIGHTED; });
  ASSERT_NE(weighted, value.estimates.end());
  EXPECT_NEAR(weighted->value, 100.0 * 100 / 120, 1e-9);
}

TEST(SurveyTables, AReplyThatComesLateCountsWhereItWasAsked) {
  const PlanHolder plan = MakePlan();
  RegistryFixture world(&plan);
  Survey survey(&world);
  survey.Invite("2023-12-20");
  world.Settle("2024-06-30");
  EXPECT_EQ(world.Value("oslo_mean", "2023").responded, 0u);
  auto* response = world.Respondent(1, "2024-02-01").mutable_survey_response();
  response->set_instrument("oslo-residents");
  response->set_respondent(v1::RESPONDENT_USER);
  response->add_answers(3);
  world.Settle("2024-06-30");
  EXPECT_EQ(world.Value("oslo_mean", "2023").responded, 1u);
  EXPECT_NEAR(world.Value("oslo_mean", "2023").ValueOr(0), 66.667, 1e-9);
}

}  // namespace
}  // namespace kpr::test
