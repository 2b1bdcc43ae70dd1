// A release of who was asked, who answered and what: a reader who knows how the three hang together.
#include <limits>
#include <utility>

#include "tests/scenario/release_fixture.h"

namespace kpr::publication {
namespace {

constexpr const char* kSurveyPlan = R"(id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "statistics_norway"
tables { indicator: "user_experience" periods: "2023" }
tables { indicator: "user_satisfied" periods: "2023" }
tables { indicator: "user_response_rate" periods: "2023" }
)";
constexpr const char* kPlaces[] = {"1101", "1103", "1106", "1108", "1111", "4601", "4624", "4626", "4627"};
constexpr int64_t kWidth = 5;  // of what is hidden, by the policy

// In each place a few or many are asked; of those who answer some do so with too few items for an index.
void Ask(uint32_t seed, test::RegistryFixture& registry) {
  std::mt19937 random(seed);
  uint64_t next = 1;
  for (const char* place : kPlaces) {
    const auto asked = 6 + random() % 40;
    const auto answer_of_ten = 3 + random() % 7;
    for (uint64_t i = 0; i < asked; ++i, ++next) {
      auto* invitation = registry.Respondent(next, "2023-09-01", place).mutable_survey_invitation();
      invitation->set_instrument("care-experience-10");
      invitation->set_respondent(v1::RESPONDENT_USER);
      invitation->set_provider(test::kHomeA);
      if (random() % 10 >= answer_of_ten) continue;
      auto* response = registry.Respondent(next, "2023-09-10", place).mutable_survey_response();
      response->set_instrument("care-experience-10");
      response->set_respondent(v1::RESPONDENT_USER);
      const bool few = random() % 5 == 0;
      for (int item = 1; item <= 10; ++item)
        response->add_answers(few && item < 10 ? 0u : static_cast<uint32_t>(random() % 6));
    }
  }
  registry.Settle("2024-01-31");
}

// Knows of each count between what it must be: what is shown, and what that leaves for the others.
class Reader {
 public:
  using Count = std::pair<std::string, std::string>;  // of what, where

  void See(const Count& count, const v1::ReleaseRow& row, int amount) {
    auto& [low, high] = bounds_.try_emplace(count, 0, kMost).first->second;
    if (row.states(amount) != v1::FIGURE_STATE_SHOWN) return;
    low = std::max(low, row.amounts(amount));
    high = std::min(high, row.amounts(amount));
  }
  void KnowSum(const Count& whole, std::vector<Count> parts) { sums_.emplace_back(whole, std::move(parts)); }
  void KnowAtMost(const Count& part, const Count& whole) { at_most_.emplace_back(part, whole); }

  void Think() {
    for (bool more = true; more;) {
      more = false;
      for (const auto& [part, whole] : at_most_) {
        more |= Raise(whole, bounds_.at(part).first) | Lower(part, bounds_.at(whole).second);
      }
      for (const auto& [whole, parts] : sums_) {
        int64_t low = 0, high = 0;
        for (const Count& part : parts) low += bounds_.at(part).first, high += bounds_.at(part).second;
        more |= Raise(whole, low) | Lower(whole, high);
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

class SurveyRelease : public ReleaseFixture {
 protected:
  // The counts of all tables by the names that a reader gives them.
  static std::string NameOf(const v1::ReleaseTable& table, const v1::ReleaseAmount& amount) {
    if (table.indicator() == "user_experience") return "has an index";
    if (!amount.whole()) return amount.id();
    return table.indicator() == "user_satisfied" ? "answered" : "asked";
  }
  Reader ReaderOf(const std::vector<v1::ReleaseTable>& tables) {
    Reader reader;
    std::set<std::string> names, areas;
    for (const v1::ReleaseTable& table : tables) {
      for (const v1::ReleaseRow& row : table.rows()) {
        for (int a = 0; a < table.amounts_size(); ++a) {
          reader.See({NameOf(table, table.amounts(a)), row.area()}, row, a);
          names.insert(NameOf(table, table.amounts(a)));
        }
        areas.insert(row.area());
      }
    }
    for (const std::string& area : areas) {
      reader.KnowSum({"asked", area}, {{"answered", area}, {"not_answered", area}});
      reader.KnowSum({"answered", area}, {{"satisfied", area}, {"not_satisfied", area}, {"no_answer", area}});
      reader.KnowAtMost({"has an index", area}, {"answered", area});
      for (const std::string& name : names) KnowAreas(name, area, areas, reader);
    }
    reader.Think();
    return reader;
  }
  static void KnowAreas(const std::string& name, const std::string& area, const std::set<std::string>& areas,
                        Reader& reader) {
    std::vector<Reader::Count> parts;
    for (const std::string& part : areas) {
      const bool county = area == "0" && part.size() == 2;
      if (county || (area.size() == 2 && part.size() == 4 && part.starts_with(area)))
        parts.emplace_back(name, part);
    }
    if (!parts.empty()) reader.KnowSum({name, area}, parts);
  }
};

TEST_F(SurveyRelease, LeavesWhatIsHiddenWide) {
  int hidden = 0;
  for (const uint32_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
    test::RegistryFixture registry;
    Ask(seed, registry);
    std::filesystem::remove_all(folder_);
    office_.emplace(OfficeOptions{&registry.query(), &clock_, folder_, folder_ + ".signing-key", "test"});
    const std::string files = PublishNext(kSurveyPlan);
    std::vector<v1::ReleaseTable> tables;
    for (const char* id : {"user_experience", "user_satisfied", "user_response_rate"})
      tables.push_back(Table(files, id));
    const Reader reader = ReaderOf(tables);
    for (const v1::ReleaseTable& table : tables) {
      for (const v1::ReleaseRow& row : table.rows()) {
        for (int a = 0; a < table.amounts_size(); ++a) {
          if (row.states(a) != v1::FIGURE_STATE_HIDDEN) continue;
          const auto [low, high] = reader.Of({NameOf(table, table.amounts(a)), row.area()});
          EXPECT_GE(high - low, kWidth) << "seed " << seed << ", " << table.indicator() << ", amount " << a
                                        << " in " << row.area() << ": " << low << " to " << high;
          ++hidden;
        }
      }
    }
    office_.reset();
  }
  EXPECT_GT(hidden, 100);
}

}  // namespace
}  // namespace kpr::publication
