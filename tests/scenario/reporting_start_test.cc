// A municipality that begins to report sends what runs already: persons whose services began years before.
// Of the time before the first month that it declares complete it has no figures, and adds to none.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "indicators/query/position_token.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

constexpr int kFirstYear = 2019, kLastYear = 2023;

struct Resident {
  uint64_t person = 0;
  std::string municipality, from, reviewed;  // empty: not
};

struct Figure {
  int64_t numerator = 0, denominator = 0;
  bool reported = false;
};

class Country {
 public:
  explicit Country(uint32_t seed) : random_(seed) {
    for (const char* municipality : {"0301", "1101", "1103", "1106", "4601"}) {
      // Every fourth declares nothing.
      if (random_() % 4 != 0) Declare(municipality, Month());
      for (int resident = 0; resident < 4; ++resident) Add(municipality);
    }
    f_.Settle("2023-12-31");
  }

  // By the rule, one by one. `area`: the beginning of the codes that belong to it.
  Figure Counted(const std::string& area, const std::string& last_month) const {
    Figure figure;
    for (const Resident& resident : residents_) {
      if (!resident.municipality.starts_with(area)) continue;
      const auto declared = declared_.find(resident.municipality);
      if (declared != declared_.end() && declared->second > last_month) continue;
      const std::string year = last_month.substr(0, 4);
      // Nothing is known of a year without a single fact.
      figure.reported |= resident.from.substr(0, 4) == year || resident.reviewed.substr(0, 4) == year;
      if (resident.from.substr(0, 7) > last_month) continue;
      ++figure.denominator;
      const bool within = !resident.reviewed.empty() && resident.reviewed.substr(0, 7) <= last_month;
      figure.numerator += within && resident.reviewed.substr(0, 4) == year ? 1 : 0;
    }
    return figure;
  }

  RegistryFixture& registry() { return f_; }

 private:
  std::string Month() {
    return std::to_string(kFirstYear + static_cast<int>(random_() % (kLastYear - kFirstYear + 1))) + "-0" +
           std::to_string(1 + random_() % 9);
  }

  void Declare(const std::string& municipality, const std::string& month) {
    auto* complete = f_.OfMunicipality(municipality, "2023-12-30").mutable_period_complete();
    complete->set_first_month(month);
    complete->set_last_month("2023-11");
    declared_[municipality] = month;
  }

  void Add(const std::string& municipality) {
    Resident resident{++persons_, municipality, Month() + "-02", random_() % 2 == 0 ? Month() + "-15" : ""};
    if (resident.reviewed < resident.from) resident.reviewed.clear();
    f_.Born(resident.person, "1940-01-01");
    f_.Start(resident.person, 21, resident.from, municipality);
    if (!resident.reviewed.empty()) {
      f_.Person(resident.person, resident.reviewed, municipality)
          .mutable_medication_review()
          ->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
    }
    residents_.push_back(resident);
  }

  std::mt19937 random_;
  RegistryFixture f_;
  uint64_t persons_ = 0;
  std::vector<Resident> residents_;
  std::map<std::string, std::string> declared_;  // first month
};

TEST(ReportingStart, NothingIsCountedBeforeTheFirstDeclaredMonth) {
  int missing = 0, shown = 0;
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    Country country(seed);
    for (int year = kFirstYear; year <= kLastYear; ++year) {
      for (const auto& [area, prefix] :
           {std::pair("0301", "0301"), {"1103", "1103"}, {"11", "11"}, {"", ""}}) {
        const std::string period = std::to_string(year);
        const Figure expected = country.Counted(prefix, period + "-12");
        const ResultRow row = country.registry().Value("medication_review", period, area);
        const std::string where = "seed " + std::to_string(seed) + " " + period + " " + area;
        EXPECT_EQ(row.denominator, expected.denominator) << where;
        EXPECT_EQ(row.numerator, expected.numerator) << where;
        v1::ExplainIndicatorValueRequest request;
        request.set_indicator("medication_review");
        request.set_period(period);
        request.set_area(area);
        const auto explained = country.registry().query().Explain(request, 0, 100);
        ASSERT_TRUE(explained.ok()) << explained.status().message();
        EXPECT_EQ(explained->all_subjects, static_cast<uint64_t>(expected.denominator)) << where;
        if (expected.denominator > 0) {
          ++shown;
          EXPECT_EQ(row.reason, v1::MISSING_REASON_UNSPECIFIED) << where;
        } else if (!expected.reported && year < kLastYear) {  // the declarations themselves are of the last
          ++missing;
          EXPECT_EQ(row.reason, v1::MISSING_REASON_NOT_REPORTED) << where;
        }
      }
    }
  }
  EXPECT_GT(missing, 20);
  EXPECT_GT(shown, 100);
}

// The cells have such a month until the end of the year; what is recomputed for a position ends at the
// horizon.
TEST(ReportingStart, AMonthToComeIsNeitherDeclaredNorReportedYet) {
  RegistryFixture registry;
  registry.Start(1, 21, "2022-01-01", "1103");
  registry.Start(2, 21, "2023-09-01", "1106");
  auto* complete = registry.OfMunicipality("1103", "2023-06-20").mutable_period_complete();
  complete->set_first_month("2023-09");
  complete->set_last_month("2023-12");
  const auto residents = [&](const std::string& position) {
    v1::GetIndicatorValuesRequest request;
    request.set_indicator("nursing_home_residents");
    request.set_from_period("2022");
    request.set_to_period("2023");
    request.set_position(position);
    return registry.Get(request);
  };
  for (const auto& [day, before, reporting] : {std::tuple("2023-06-30", 1, 1u), {"2023-09-01", 0, 2u}}) {
    registry.Settle(day);
    const ResultTable now = residents("");
    for (const ResultTable& table : {now, residents(PositionToken(now.positions))}) {
      EXPECT_EQ(table.rows.at(0).numerator, before) << day;
      EXPECT_EQ(table.rows.at(1).coverage.reporting, reporting) << day;
    }
  }
}

// Four municipalities became one in 2020, which declares; they never did.
TEST(ReportingStart, SumsAreTheSameInEveryStructure) {
  RegistryFixture registry;
  for (const auto& [person, code] : {std::pair(1, "1432"), {2, "1430"}, {3, "1431"}, {4, "1433"}})
    registry.Start(static_cast<uint64_t>(person), 21, "2017-01-01", code);
  auto* complete = registry.OfMunicipality("4647", "2022-12-31").mutable_period_complete();
  complete->set_first_month("2021-01");
  complete->set_last_month("2022-12");
  registry.Settle("2022-12-31");
  for (const uint32_t structure : {0u, 2018u, 2022u}) {
    for (const auto level : {v1::LEVEL_COUNTRY, v1::LEVEL_MUNICIPALITY}) {
      if (level == v1::LEVEL_MUNICIPALITY && structure == 2018) continue;  // 2021 cannot be had in it
      v1::GetIndicatorValuesRequest request;
      request.set_indicator("nursing_home_residents");
      request.set_from_period("2018");
      request.set_to_period("2021");
      request.set_level(level);
      request.set_structure_year(structure);
      std::map<std::string, double> sums;
      for (const ResultRow& row : registry.Get(request).rows) sums[row.period] += row.ValueOr(0);
      EXPECT_EQ(sums["2018"], 4) << structure;
      EXPECT_EQ(sums["2020"], 0) << structure << ": 4647 had not begun";
      EXPECT_EQ(sums["2021"], 4) << structure;
    }
  }
}

}  // namespace
}  // namespace kpr::test
