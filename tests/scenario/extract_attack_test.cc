// Somebody who knows sex, year of birth and county of everybody, and has extracts of one project, looks for
// each person. Nobody may be found among fewer than k, and without the checks many are.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "extracts/build/registry_timelines.h"
#include "extracts/build/selection.h"
#include "tests/support/registry_fixture.h"

namespace kpr::extract {
namespace {

constexpr uint32_t kFewest = 5;

struct Known {
  int sex = 0, birth = 0;
  std::string municipality;
};

using Told = std::vector<Value>;          // of one person by one extract
using Given = std::map<Value, Told>;      // an extract by token
using Expected = Told (*)(const Known&);  // what an extract says of somebody like that

v1::ExtractRequest Request(const std::vector<std::string>& variables, uint32_t birth_years) {
  v1::ExtractRequest request;
  request.set_project("attacked");
  request.set_first_month("2023-01");
  request.set_last_month("2024-12");
  request.set_birth_years(birth_years);
  request.set_withhold_small_classes(true);
  request.mutable_population()->mutable_service_active()->add_types(18);
  for (const std::string& name : variables) request.add_variables()->set_name(name);
  return request;
}

class Attack : public testing::TestWithParam<uint32_t> {
 protected:
  void Add(std::mt19937* random, uint64_t person) {
    Known known;
    known.sex = 1 + static_cast<int>((*random)() % 2);
    known.birth = 1930 + static_cast<int>((*random)() % 30);
    known.municipality = (*random)() % 6 == 0 ? "1103" : "0301";
    f_.Born(person, std::to_string(known.birth) + "-05-05", known.sex == 1 ? v1::SEX_MALE : v1::SEX_FEMALE);
    f_.Start(person, 18, "2023-02-01", known.municipality);
    everybody_.push_back(known);
  }

  std::vector<uint64_t> Positions() {
    std::vector<uint64_t> positions;
    const RegistryReader& registry = f_.harness().registry();
    for (uint32_t i = 0; i < registry.partitions(); ++i)
      positions.push_back(registry.store(i)->next_offset());
    return positions;
  }

  // What the recipient gets; with `remember`, the next one reckons with it.
  Given Give(const v1::ExtractRequest& request, const RiskPolicy& policy, bool remember) {
    auto plan = RequestPlan::Create(request, std::string(32, 'k'));
    EXPECT_TRUE(plan.ok());
    const std::vector<uint64_t> positions = Positions();
    const RegistryTimelines source(&f_.harness().registry(), positions);
    Selection selection;
    EXPECT_TRUE(Select(source, plan->get(), policy, earlier_, {}, &selection).ok());
    Given given;
    EXPECT_TRUE(source
                    .Read(selection.persons,
                          [&](const SubjectId& person, const std::vector<Fact>& facts) {
                            std::vector<Rows> rows = (*plan)->NoRows();
                            (*plan)->RowsOf(person, facts, &rows);
                            const auto row = rows[0][0];
                            given[row[0]] = Told(row.begin() + 1, row.end());
                            return true;
                          })
                    .ok());
    if (remember) {
      std::sort(selection.persons.begin(), selection.persons.end());
      earlier_.push_back({"attacked-" + std::to_string(earlier_.size() + 1), std::move(*plan), positions,
                          selection.persons});
    }
    return given;
  }

  // The fewest tokens, but none, that can be one of the persons.
  size_t Fewest(const std::vector<std::pair<const Given*, Expected>>& extracts) const {
    std::map<Value, std::vector<const Told*>> tokens;
    for (size_t e = 0; e < extracts.size(); ++e) {
      for (const auto& [token, told] : *extracts[e].first) {
        tokens[token].resize(extracts.size());
        tokens[token][e] = &told;
      }
    }
    size_t fewest = ~size_t{0};
    for (const Known& known : everybody_) {
      size_t candidates = 0;
      for (const auto& [token, told] : tokens) {
        bool possible = true;
        for (size_t e = 0; e < extracts.size(); ++e)
          possible &= told[e] == nullptr || *told[e] == extracts[e].second(known);
        candidates += possible ? 1 : 0;
      }
      if (candidates > 0) fewest = std::min(fewest, candidates);
    }
    return fewest;
  }

  test::RegistryFixture f_;
  std::vector<Known> everybody_;
  std::vector<EarlierExtract> earlier_;
};

Told ByTens(const Known& known) {
  return {known.sex, known.birth / 10 * 10};
}
Told ByFives(const Known& known) {
  return {known.birth / 5 * 5, std::stoi(known.municipality) / 100};
}

TEST_P(Attack, NobodyIsAmongFewerThanK) {
  std::mt19937 random(GetParam());
  for (uint64_t person = 1; person <= 220; ++person) Add(&random, person);
  f_.Settle("2024-01-31");
  const v1::ExtractRequest first = Request({"persons.sex", "persons.birth_year"}, 10);
  const v1::ExtractRequest second = Request({"persons.birth_year", "persons.county"}, 5);

  // Without checks, and with each extract judged by itself, some are found.
  constexpr RiskPolicy kBare{1, 1, ReleasedBy::kNothing}, kAlone{kFewest, 1, ReleasedBy::kNothing},
      kSafe{kFewest, 1};
  const Given bare_first = Give(first, kBare, false), bare_second = Give(second, kBare, false);
  EXPECT_LT(Fewest({{&bare_first, ByTens}, {&bare_second, ByFives}}), kFewest);
  const Given alone_first = Give(first, kAlone, false), alone_second = Give(second, kAlone, false);
  EXPECT_GE(Fewest({{&alone_first, ByTens}}), kFewest);
  EXPECT_GE(Fewest({{&alone_second, ByFives}}), kFewest);
  EXPECT_LT(Fewest({{&alone_first, ByTens}, {&alone_second, ByFives}}), kFewest);

  // The second reckons with the first, and a third, after some have come, with both.
  const Given safe_first = Give(first, kSafe, true), safe_second = Give(second, kSafe, true);
  EXPECT_GE(Fewest({{&safe_first, ByTens}, {&safe_second, ByFives}}), kFewest);
  EXPECT_GT(safe_second.size(), everybody_.size() / 4) << "not by giving nobody";
  for (uint64_t person = 221; person <= 250; ++person) Add(&random, person);
  f_.Settle("2024-02-29");
  const Given safe_third = Give(second, kSafe, true);
  EXPECT_GE(Fewest({{&safe_first, ByTens}, {&safe_second, ByFives}, {&safe_third, ByFives}}), kFewest);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Attack, testing::Range(1u, 9u));

}  // namespace
}  // namespace kpr::extract
