// Releases of tables that hang together: a reader who knows how, and adds and subtracts.
#include <fmt/format.h>

#include <set>
#include <tuple>
#include <utility>

#include "indicators/publication/check.h"
#include "indicators/publication/figures.h"
#include "indicators/publication/plan.h"
#include "indicators/query/position_token.h"
#include "tests/scenario/release_fixture.h"

namespace kpr::publication {
namespace {

constexpr const char* kPlaces[] = {"1101", "1103", "1106", "1108", "1111", "4601", "4624", "4626", "4627"};
constexpr int64_t kWidth = 5;  // of what is hidden, by the policy
const std::string kSexes[] = {"all", "male", "female", "unknown"};

// Knows of each count between what it must be: what is shown, and what that leaves for the others.
class Reader {
 public:
  using Count = std::pair<std::string, std::string>;  // of what, in which area and of which sex

  void See(const Count& count, const v1::ReleaseRow& row, int amount) {
    auto& [low, high] = bounds_.try_emplace(count, 0, kMost).first->second;
    // By how much what is as in the last release has changed since, is not known.
    if (row.states(amount) != v1::FIGURE_STATE_SHOWN) return;
    low = std::max(low, row.amounts(amount));
    high = std::min(high, row.amounts(amount));
  }
  // What is in no table is passed over.
  void KnowSum(const Count& whole, std::vector<Count> parts) {
    if (!bounds_.contains(whole)) return;
    for (const Count& part : parts) {
      if (!bounds_.contains(part)) return;
    }
    sums_.emplace_back(whole, std::move(parts));
  }
  void KnowAtMost(const Count& part, const Count& whole) {
    if (bounds_.contains(part) && bounds_.contains(whole)) at_most_.emplace_back(part, whole);
  }

  void Think() {
    for (bool more = true; more;) {
      more = false;
      for (const auto& [part, whole] : at_most_) {
        more |= Raise(whole, bounds_.at(part).first);
        more |= Lower(part, bounds_.at(whole).second);
      }
      for (const auto& [whole, parts] : sums_) {
        int64_t low = 0, high = 0;
        for (const Count& part : parts) low += bounds_.at(part).first, high += bounds_.at(part).second;
        more |= Raise(whole, low);
        more |= Lower(whole, high);
        for (const Count& part : parts) {
          const auto [part_low, part_high] = bounds_.at(part);
          more |= Lower(part, bounds_.at(whole).second - (low - part_low));
          more |= Raise(part, bounds_.at(whole).first - (high - part_high));
        }
      }
    }
  }
  std::pair<int64_t, int64_t> Of(const Count& count) const { return bounds_.at(count); }

 private:
  static constexpr int64_t kMost = 1'000'000;
  bool Raise(const Count& count, int64_t low) {
    return bounds_.at(count).first < low && (bounds_.at(count).first = low, true);
  }
  bool Lower(const Count& count, int64_t high) {
    return bounds_.at(count).second > high && (bounds_.at(count).second = high, true);
  }

  std::map<Count, std::pair<int64_t, int64_t>> bounds_;
  std::vector<std::pair<Count, std::vector<Count>>> sums_;
  std::vector<std::pair<Count, Count>> at_most_;
};

// What everybody knows of the counts of some tables.
struct Knowledge {
  std::vector<std::string> indicators;
  std::map<std::string, std::string> names;  // "indicator/id": what it counts
  std::vector<std::pair<std::string, std::vector<std::string>>> sums;
  std::vector<std::pair<std::string, std::string>> at_most;
};

class LinkedTables : public ReleaseFixture {
 protected:
  // The office without any release.
  void OpenFor(test::RegistryFixture& registry) {
    office_.reset();
    std::filesystem::remove_all(folder_);
    office_.emplace(OfficeOptions{&registry.query(), &clock_, folder_, folder_ + ".signing-key", "test"});
  }

  // How many figures of the next release are hidden; the reader's interval of each is as wide as the policy
  // asks for.
  int Attack(const std::string& plan, const Knowledge& known, const std::string& where) {
    const std::string files = PublishNext(plan);
    std::vector<v1::ReleaseTable> tables;
    for (const std::string& indicator : known.indicators) tables.push_back(Table(files, indicator));
    const Reader reader = ReaderOf(tables, known);
    int hidden = 0;
    for (const v1::ReleaseTable& table : tables) {
      for (const v1::ReleaseRow& row : table.rows()) {
        for (int a = 0; a < table.amounts_size(); ++a) {
          if (row.states(a) != v1::FIGURE_STATE_HIDDEN) continue;
          const auto [low, high] = reader.Of({NameOf(table, a, known), WhereOf(row.area(), row.sex())});
          EXPECT_GE(high - low, kWidth) << where << ", " << NameOf(table, a, known) << " in " << row.area()
                                        << ": " << low << " to " << high;
          ++hidden;
        }
      }
    }
    return hidden;
  }

 private:
  static std::string NameOf(const v1::ReleaseTable& table, int a, const Knowledge& known) {
    return known.names.at(table.indicator() + "/" + table.amounts(a).id());
  }
  static std::string WhereOf(const std::string& area, const std::string& sex) { return area + " " + sex; }
  static Reader ReaderOf(const std::vector<v1::ReleaseTable>& tables, const Knowledge& known) {
    Reader reader;
    std::set<std::string> areas;
    for (const v1::ReleaseTable& table : tables) {
      for (const v1::ReleaseRow& row : table.rows()) {
        for (int a = 0; a < table.amounts_size(); ++a)
          reader.See({NameOf(table, a, known), WhereOf(row.area(), row.sex())}, row, a);
        areas.insert(row.area());
      }
    }
    std::set<std::string> names;
    for (const auto& [amount, name] : known.names) names.insert(name);
    for (const std::string& area : areas) {
      for (const std::string& sex : kSexes) {
        KnowTables(WhereOf(area, sex), known, reader);
        for (const std::string& name : names) KnowAreas(name, area, sex, areas, reader);
      }
      for (const std::string& name : names) {
        reader.KnowSum({name, WhereOf(area, "all")}, {{name, WhereOf(area, "male")},
                                                      {name, WhereOf(area, "female")},
                                                      {name, WhereOf(area, "unknown")}});
      }
    }
    reader.Think();
    return reader;
  }
  static void KnowTables(const std::string& where, const Knowledge& known, Reader& reader) {
    for (const auto& [whole, parts] : known.sums) {
      std::vector<Reader::Count> of;
      for (const std::string& part : parts) of.emplace_back(part, where);
      reader.KnowSum({whole, where}, of);
    }
    for (const auto& [part, whole] : known.at_most) reader.KnowAtMost({part, where}, {whole, where});
  }
  static void KnowAreas(const std::string& name, const std::string& area, const std::string& sex,
                        const std::set<std::string>& areas, Reader& reader) {
    std::vector<Reader::Count> parts;
    for (const std::string& part : areas) {
      const bool county = area == "0" && part.size() == 2;
      if (county || (area.size() == 2 && part.size() == 4 && part.starts_with(area)))
        parts.emplace_back(name, WhereOf(part, sex));
    }
    if (!parts.empty()) reader.KnowSum({name, WhereOf(area, sex)}, parts);
  }
};

constexpr const char* kSurveyPlan = R"(id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "statistics_norway"
tables { indicator: "user_experience" periods: "2023" }
tables { indicator: "user_satisfied" periods: "2023" }
tables { indicator: "user_response_rate" periods: "2023" }
)";
const Knowledge& SurveyKnowledge() {
  static const Knowledge known{
      {"user_experience", "user_satisfied", "user_response_rate"},
      {{"user_experience/denominator", "has an index"},
       {"user_satisfied/denominator", "answered"},
       {"user_satisfied/satisfied", "satisfied"},
       {"user_satisfied/not_satisfied", "not satisfied"},
       {"user_satisfied/no_answer", "no answer"},
       {"user_response_rate/denominator", "asked"},
       {"user_response_rate/answered", "answered"},
       {"user_response_rate/not_answered", "not answered"}},
      {{"asked", {"answered", "not answered"}}, {"answered", {"satisfied", "not satisfied", "no answer"}}},
      {{"has an index", "answered"}}};
  return known;
}

// How many are in each place: the first person's number, and from how few to how many.
struct Crowd {
  uint64_t first = 1;
  int least = 6, range = 50;
};
constexpr Crowd kFewMore{10'000, 0, 9};

// In each place a few or many are asked; of those who answer some do so with too few items for an index.
void Ask(uint32_t seed, const Crowd& crowd, test::RegistryFixture& registry,
         const std::string& instrument = "care-experience-10", v1::Respondent who = v1::RESPONDENT_USER) {
  const int items = instrument == "relatives-14" ? 14 : 10;
  std::mt19937 random(seed);
  uint64_t next = crowd.first;
  for (const char* place : kPlaces) {
    const auto asked = crowd.least + random() % crowd.range;
    const auto answer_of_ten = 3 + random() % 7;
    for (uint64_t i = 0; i < asked; ++i, ++next) {
      auto* invitation = registry.Respondent(next, "2023-09-01", place).mutable_survey_invitation();
      invitation->set_instrument(instrument);
      invitation->set_respondent(who);
      invitation->set_provider(test::kHomeA);
      if (random() % 10 >= answer_of_ten) continue;
      auto* response = registry.Respondent(next, "2023-09-10", place).mutable_survey_response();
      response->set_instrument(instrument);
      response->set_respondent(who);
      const bool few = random() % 5 == 0;
      for (int item = 1; item <= items; ++item)
        response->add_answers(few && item < items ? 0u : static_cast<uint32_t>(random() % 6));
    }
  }
  registry.Settle("2024-01-31");
}

TEST_F(LinkedTables, OfOneSurveyLeaveWhatIsHiddenWide) {
  int hidden = 0;
  for (const uint32_t seed : {1, 2, 3, 4}) {
    test::RegistryFixture registry;
    Ask(seed, {}, registry);
    OpenFor(registry);
    hidden += Attack(kSurveyPlan, SurveyKnowledge(), "seed " + std::to_string(seed));
    Ask(seed + 100, kFewMore, registry);
    hidden += Attack(kSurveyPlan, SurveyKnowledge(), "seed " + std::to_string(seed) + ", again");
    office_.reset();
  }
  EXPECT_GT(hidden, 100);
}

// Not all by sex: figures of the sexes are in two of three tables that have the residents on long stay.
constexpr const char* kResidentsPlan = R"(id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "statistics_norway"
tables { indicator: "medication_review_long_stay" periods: "2023" }
tables { indicator: "nursing_home_residents" periods: "2023" by_sex: true }
tables { indicator: "medication_review_time_limited" periods: "2023" }
tables { indicator: "time_since_medication_review" periods: "2023" by_sex: true }
)";
const Knowledge& ResidentsKnowledge() {
  static const Knowledge known{
      {"nursing_home_residents", "medication_review_long_stay", "medication_review_time_limited",
       "time_since_medication_review"},
      {{"nursing_home_residents/numerator", "residents"},
       {"nursing_home_residents/long_stay", "long stay"},
       {"nursing_home_residents/time_limited", "time-limited"},
       {"medication_review_long_stay/denominator", "long stay"},
       {"medication_review_long_stay/yes", "reviewed"},
       {"medication_review_long_stay/older", "reviewed before"},
       {"medication_review_long_stay/missing", "never"},
       {"medication_review_time_limited/denominator", "time-limited"},
       {"medication_review_time_limited/yes", "time-limited, reviewed"},
       {"medication_review_time_limited/older", "time-limited, reviewed before"},
       {"medication_review_time_limited/missing", "time-limited, never"},
       {"time_since_medication_review/denominator", "long stay"},
       {"time_since_medication_review/to_6_months", "to 6 months"},
       {"time_since_medication_review/to_12_months", "to 12 months"},
       {"time_since_medication_review/to_24_months", "to 24 months"},
       {"time_since_medication_review/longer", "longer"},
       {"time_since_medication_review/never", "never"}},
      {{"residents", {"long stay", "time-limited"}},
       {"long stay", {"reviewed", "reviewed before", "never"}},
       {"time-limited", {"time-limited, reviewed", "time-limited, reviewed before", "time-limited, never"}},
       {"reviewed", {"to 6 months", "to 12 months"}},
       {"reviewed before", {"to 24 months", "longer"}}},
      {}};
  return known;
}

// Few or many in each place, reviewed some time in four years or never.
void MoveIn(uint32_t seed, const Crowd& crowd, test::RegistryFixture& registry) {
  std::mt19937 random(seed);
  uint64_t person = crowd.first;
  for (const char* place : kPlaces) {
    const auto residents = crowd.least + random() % crowd.range;
    for (uint64_t i = 0; i < residents; ++i, ++person) {
      registry.Born(person, "1935-05-01", random() % 3 == 0 ? v1::SEX_MALE : v1::SEX_FEMALE);
      registry.Start(person, random() % 3 == 0 ? 18 : 21, "2020-01-02", place);
      const auto month = random() % 60;
      if (month >= 48) continue;
      const std::string day = fmt::format("{}-{:02}-15", 2020 + month / 12, month % 12 + 1);
      registry.Person(person, day, place)
          .mutable_medication_review()
          ->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
    }
  }
  registry.Settle("2024-01-31");
}

TEST_F(LinkedTables, OfTheSameResidentsLeaveWhatIsHiddenWide) {
  int hidden = 0;
  for (const uint32_t seed : {1, 2, 3, 4}) {
    test::RegistryFixture registry;
    MoveIn(seed, {}, registry);
    OpenFor(registry);
    hidden += Attack(kResidentsPlan, ResidentsKnowledge(), "seed " + std::to_string(seed));
    MoveIn(seed + 100, kFewMore, registry);
    hidden += Attack(kResidentsPlan, ResidentsKnowledge(), "seed " + std::to_string(seed) + ", again");
    office_.reset();
  }
  EXPECT_GT(hidden, 100);
}

// What is equal before it is rounded would narrow what is rounded apart, and need not be equal after.
TEST_F(LinkedTables, AreRoundedEachByItself) {
  std::string plan = kSurveyPlan;
  plan.replace(plan.find("statistics_norway"), std::string("statistics_norway").size(), "rounded");
  for (const uint32_t seed : {1, 2, 3, 4}) {
    test::RegistryFixture registry;
    Ask(seed, {}, registry);
    OpenFor(registry);
    const std::string files = PublishNext(plan);
    for (const std::string& indicator : SurveyKnowledge().indicators) {
      const v1::ReleaseTable table = Table(files, indicator);
      for (const v1::ReleaseAmount& amount : table.amounts()) EXPECT_EQ(amount.sums_size(), 0) << indicator;
    }
    EXPECT_TRUE(CheckRelease(files, "", nullptr).ok()) << "seed " << seed;
    office_.reset();
  }
}

// The figures of relatives are by definitions of several versions, and count the same relatives.
TEST_F(LinkedTables, OfOneSurveyAreGivenBesideAReleaseIfOfTheSamePeriods) {
  test::RegistryFixture registry;
  Ask(1, {}, registry, "relatives-14", v1::RESPONDENT_RELATIVE);
  OpenFor(registry);
  std::string plan =
      "id: 'care' title { nb: 'Omsorg' en: 'Care' } structure_year: 2024 "
      "named_policy: 'statistics_norway' ";
  const auto table = [](const std::string& indicator, const std::string& period) {
    return "tables { indicator: '" + indicator + "' periods: '" + period + "' } ";
  };
  PublishNext(plan + table("relative_experience", "2023") + table("relative_response_rate", "2023"));
  const auto give = [&](const std::string& id, const std::string& tables) {
    const auto parsed = ParsePlan(plan + tables, "given", registry.query().Definitions());
    EXPECT_TRUE(parsed.ok()) << parsed.status().message();
    return office_->Give(id, *parsed, PositionToken((*registry.query().Snapshot())->positions()),
                         [] { return Status(); });
  };
  const auto given =
      give("trust", table("relative_experience_trust", "2023") + table("relative_satisfied", "2023"));
  EXPECT_TRUE(given.ok()) << given.status().message();
  const auto refused = give("tertial", table("relative_experience_trust", "2023-T3"));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.status().message(), ::testing::HasSubstr("periods of another kind"));
}

// Of every questionnaire: who answered is one population, whatever is made of the answers.
TEST_F(LinkedTables, OfEverySurveyCountTheSameRespondents) {
  test::RegistryFixture registry;
  registry.Settle("2024-01-31");
  v1::PublicationPlan publication;
  publication.set_structure_year(2024);
  const auto table = [&](const std::string& indicator) {
    v1::TablePlan plan;
    plan.set_indicator(indicator);
    plan.add_periods("2023");
    plan.add_levels(v1::LEVEL_COUNTRY);
    auto made = ComputeTable(registry.query(), **registry.query().Snapshot(), plan, {&publication, {}});
    EXPECT_TRUE(made.ok()) << made.status().message();
    return *made;
  };
  for (const auto& [rate, item, index] :
       {std::tuple("user_response_rate", "user_satisfied", "user_experience"),
        {"daily_life_response_rate", "user_lonely", "user_experience_safety"},
        {"resident_response_rate", "resident_satisfied", ""},
        {"relative_response_rate", "relative_satisfied", "relative_experience_trust"}}) {
    const std::string answered = table(rate).amounts(1).population();
    EXPECT_NE(answered, table(rate).amounts(0).population()) << rate;
    EXPECT_EQ(answered, table(item).amounts(0).population()) << rate;
    if (*index == 0) continue;
    EXPECT_EQ(answered, table(index).amounts(0).within()) << rate;
  }
}

}  // namespace
}  // namespace kpr::publication
