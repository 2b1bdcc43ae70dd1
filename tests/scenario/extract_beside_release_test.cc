// Somebody who knows sex and municipality of everybody has rows that do not tell the municipality, and reads
// releases that tell of each municipality and half-year how many had their medicines reviewed. In most all
// had, in some nobody. Some persons move between the two. No row may be of fewer than k persons, and no
// person's of fewer than k rows; without the checks some are.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "extracts/build/registry_timelines.h"
#include "extracts/build/selection.h"
#include "tests/support/registry_fixture.h"

namespace kpr::extract {
namespace {

constexpr uint32_t kFewest = 5;
constexpr uint64_t kEverybody = 160;
const Date kSecondHalf = Date::FromYmd(2023, 7, 1);

constexpr int kHalves = 2;

struct Person {
  int sex = 0;
  std::string municipality[kHalves];  // every sixth moves, on 1 July
  bool reviewed[kHalves] = {};
};
struct Row {
  Person is;
  std::vector<Value> told;
};

class Attack {
 public:
  Attack(uint32_t seed, ReleasedBy by) : by_sex_(by == ReleasedBy::kMunicipalityAndSex) {
    std::mt19937 random(seed);
    const std::vector<std::string> municipalities = {"1101", "1103", "1106", "1108", "1111", "1112"};
    std::map<std::string, uint32_t> quarters;  // reviewed, by cell
    for (uint64_t id = 1; id <= kEverybody; ++id) {
      Person person;
      person.sex = 1 + static_cast<int>(random() % 2);
      const auto place = [&] { return municipalities[std::min({random() % 6, random() % 6, random() % 6})]; };
      person.municipality[0] = place();
      person.municipality[1] = random() % 6 == 0 ? place() : person.municipality[0];
      f_.Born(id, "1940-05-05", person.sex == 1 ? v1::SEX_MALE : v1::SEX_FEMALE);
      f_.Start(id, 18, "2023-02-01", person.municipality[0]);
      if (person.municipality[1] != person.municipality[0]) {
        f_.End(id, 18, "2023-06-30", person.municipality[0]);
        f_.Start(id, 18, "2023-07-01", person.municipality[1]);
      }
      for (int half = 0; half < kHalves; ++half) {
        const std::string cell = CellOf(person, half);
        if (!quarters.contains(cell)) quarters[cell] = std::vector<uint32_t>{0, 2, 4, 4, 4, 4}[random() % 6];
        person.reviewed[half] = random() % 4 < quarters[cell];
        if (person.reviewed[half]) {
          f_.Person(id, half == 0 ? "2023-06-01" : "2023-09-01", person.municipality[half])
              .mutable_medication_review()
              ->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
        }
        ++all_[cell];
        reviewed_[cell] += person.reviewed[half] ? 1 : 0;
      }
      everybody_.push_back(person);
    }
    f_.Settle("2024-01-31");
  }

  // The rows of whom the policy gives.
  std::vector<Row> Give(const RiskPolicy& policy) {
    v1::ExtractRequest request;
    request.set_project("attacked");
    request.set_first_month("2023-01");
    request.set_last_month("2023-12");
    request.set_withhold_small_classes(true);
    request.mutable_population()->mutable_service_active()->add_types(18);
    // Where the release is by sex, the rows need not tell it.
    request.add_variables()->set_name(by_sex_ ? "persons.county" : "persons.sex");
    request.add_variables()->set_name("medication_review.date");
    auto plan = RequestPlan::Create(request, std::string(32, 'k'));
    EXPECT_TRUE(plan.ok());
    const RegistryReader& registry = f_.harness().registry();
    std::vector<uint64_t> positions;
    for (uint32_t i = 0; i < registry.partitions(); ++i)
      positions.push_back(registry.store(i)->next_offset());
    const RegistryTimelines source(&registry, positions);
    Selection selection;
    EXPECT_TRUE(Select(source, plan->get(), policy, {}, {}, &selection).ok());
    std::vector<Row> given;
    const auto take = [&](const SubjectId& id, const std::vector<Fact>& facts) {
      std::vector<Rows> rows = (*plan)->NoRows();
      (*plan)->RowsOf(id, facts, &rows);
      Row row{{Fold(id, facts).sex, {}, {}}, {rows[0][0].begin() + 1, rows[0][0].end()}};
      for (const Fact& fact : facts) {
        if (fact.kind == FactKind::kServiceStarted) {
          for (int half = fact.occurred_on < kSecondHalf ? 0 : 1; half < kHalves; ++half)
            row.is.municipality[half] = fact.municipality.ToString();
        }
        if (fact.kind == FactKind::kMedicationReview)
          row.is.reviewed[fact.occurred_on < kSecondHalf ? 0 : 1] = true;
      }
      given.push_back(std::move(row));
      return true;
    };
    EXPECT_TRUE(source.Read(selection.persons, take).ok());
    return given;
  }

  // The fewest rows that can be of one who is given, and the fewest persons of whom a row can be.
  size_t Fewest(const std::vector<Row>& given) const {
    size_t fewest = kEverybody;
    for (const Row& row : given) {
      const auto rows = std::count_if(given.begin(), given.end(),
                                      [&](const Row& other) { return Possible(row.is, other); });
      const auto persons = std::count_if(everybody_.begin(), everybody_.end(),
                                         [&](const Person& person) { return Possible(person, row); });
      fewest = std::min({fewest, static_cast<size_t>(rows), static_cast<size_t>(persons)});
    }
    return fewest;
  }

 private:
  // Of the release of the half-year.
  std::string CellOf(const Person& person, int half) const {
    return std::to_string(half) + "/" + person.municipality[half] +
           (by_sex_ ? "/" + std::to_string(person.sex) : "");
  }

  bool Possible(const Person& person, const Row& row) const {
    if (!by_sex_ && row.told.front() != person.sex) return false;
    for (int half = 0; half < kHalves; ++half) {
      const std::string cell = CellOf(person, half);
      const size_t reviewed = reviewed_.at(cell);
      if (row.is.reviewed[half] ? reviewed == 0 : reviewed == all_.at(cell)) return false;
    }
    return true;
  }

  const bool by_sex_;
  test::RegistryFixture f_;
  std::vector<Person> everybody_;
  std::map<std::string, size_t> all_, reviewed_;  // by cell
};

class ReleasedBesideRows : public testing::TestWithParam<ReleasedBy> {};

TEST_P(ReleasedBesideRows, NobodyIsAmongFewerThanK) {
  int found = 0;
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    Attack attack(seed, GetParam());
    const auto safe = attack.Give({kFewest, 1, GetParam()});
    EXPECT_GE(attack.Fewest(safe), kFewest) << "seed " << seed;
    EXPECT_GT(safe.size(), kEverybody / 3) << "not by giving nobody; seed " << seed;
    found += attack.Fewest(attack.Give({kFewest, 1, ReleasedBy::kNothing})) < kFewest ? 1 : 0;
  }
  EXPECT_GE(found, 2) << "without it somebody is found";
}

// 1601 became 5001 in 2018. Who stayed there has not moved, whenever the service began.
TEST(ExtractBesideRelease, ANewCodeIsNoMove) {
  test::RegistryFixture f;
  for (uint64_t id = 1; id <= 8; ++id) {
    f.Born(id, "1940-05-05", v1::SEX_FEMALE);
    f.Start(id, 18, "2017-0" + std::to_string(id) + "-01", "1601");
    f.End(id, 18, "2017-12-31", "1601");
    f.Start(id, 18, "2018-01-01", "5001");
  }
  f.Settle("2019-01-31");
  v1::ExtractRequest request;
  request.set_project("recoded");
  request.set_first_month("2017-01");
  request.set_last_month("2018-12");
  request.mutable_population()->mutable_service_active()->add_types(18);
  request.add_variables()->set_name("persons.sex");
  const auto plan = RequestPlan::Create(request, std::string(32, 'k'));
  ASSERT_TRUE(plan.ok());
  const RegistryReader& registry = f.harness().registry();
  std::vector<uint64_t> positions;
  for (uint32_t i = 0; i < registry.partitions(); ++i) positions.push_back(registry.store(i)->next_offset());
  Selection selection;
  const Status selected =
      Select(RegistryTimelines(&registry, positions), plan->get(), {kFewest, 1}, {}, {}, &selection);
  EXPECT_TRUE(selected.ok()) << selected.message();
  EXPECT_EQ(selection.persons.size(), 8u);
}

INSTANTIATE_TEST_SUITE_P(By, ReleasedBesideRows,
                         testing::Values(ReleasedBy::kMunicipality, ReleasedBy::kMunicipalityAndSex));

}  // namespace
}  // namespace kpr::extract
