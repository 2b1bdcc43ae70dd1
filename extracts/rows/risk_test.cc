// Classes and their values against counting them one by one.
#include "extracts/rows/risk.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace kpr::extract {
namespace {

v1::ExtractRequest RequestOf(const std::vector<std::string>& names) {
  v1::ExtractRequest request;
  for (const std::string& name : names) request.add_variables()->set_name(name);
  return request;
}

// By what the rules say, without hashes: who is below k, or in a class that is all the same in what most have
// not.
std::vector<bool> Naive(const std::vector<std::vector<Rows>>& persons, const RiskPolicy& policy) {
  // persons: sex, county; service_spells: service_type (sensitive), municipality.
  using Set = std::set<Value>;
  const auto column = [](const Rows& rows, size_t c) {
    Set values;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i][c] != kMissing) values.insert(rows[i][c]);
    }
    return values;
  };
  std::vector<bool> below;
  for (const auto& one : persons) {
    size_t same = 0;
    std::set<Set> types;
    for (const auto& other : persons) {
      bool alike = true;
      for (size_t c : {1, 2}) alike &= column(one[0], c) == column(other[0], c);
      alike &= column(one[1], 2) == column(other[1], 2);
      if (!alike) continue;
      ++same;
      types.insert(column(other[1], 1));
    }
    bool telling = false;
    for (const Set& type : types) {
      size_t have = 0;
      for (const auto& other : persons) have += column(other[1], 1) == type ? 1 : 0;
      telling |= !type.empty() && 2 * have < persons.size();
    }
    below.push_back(same < policy.k || (telling && types.size() < policy.l));
  }
  return below;
}

TEST(RiskTest, IsWhatCountingOneByOneGives) {
  const auto tables = TablesOf(RequestOf(
      {"persons.sex", "persons.county", "service_spells.service_type", "service_spells.municipality"}));
  ASSERT_EQ(tables.size(), 2u);
  int few = 0;
  for (uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](Value most) { return static_cast<Value>(random() % static_cast<uint32_t>(most)); };
    RiskTable table(&tables);
    std::vector<std::vector<Rows>> persons;
    const size_t count = 5 + random() % 60;
    for (size_t i = 0; i < count; ++i) {
      // In every other country few differ.
      const bool varied = seed % 2 == 0 || draw(12) == 0;
      Rows who{
          3, {draw(1'000'000), draw(4) == 0 && varied ? kMissing : 1 + draw(2), 1 + (varied ? draw(3) : 0)}};
      Rows spells{3, {}};
      for (Value s = draw(8) == 0 ? 0 : 1 + draw(2); s > 0; --s)
        spells.values.insert(spells.values.end(),
                             {1, draw(10) < 8 ? 1 : 2 + draw(2), 301 + (varied ? draw(2) : 0)});
      persons.push_back({who, spells});
      table.Add(persons.back());
    }
    const RiskPolicy policy{2 + static_cast<uint32_t>(draw(5)), 1 + static_cast<uint32_t>(draw(3))};
    const auto assessment = table.Assess(policy);
    const std::vector<bool> naive = Naive(persons, policy);
    const auto left_out = static_cast<uint64_t>(std::count(naive.begin(), naive.end(), true));
    if (left_out == 0 || left_out >= policy.k) {
      ASSERT_EQ(assessment.below, naive) << "seed " << seed;
    } else {
      // Few who are left out are found by that: others go with them.
      ++few;
      for (size_t i = 0; i < count; ++i) EXPECT_TRUE(assessment.below[i] || !naive[i]) << "seed " << seed;
      EXPECT_GE(assessment.risk.below(), std::min<uint64_t>(policy.k, count)) << "seed " << seed;
    }
    EXPECT_EQ(assessment.risk.below(),
              static_cast<uint64_t>(std::count(assessment.below.begin(), assessment.below.end(), true)));
    EXPECT_EQ(assessment.risk.identifying_size(), 3);
  }
  EXPECT_GT(few, 5);
}

TEST(RiskTest, NobodyIsAtRiskWhereNothingPointsToAnybody) {
  const auto tables = TablesOf(RequestOf({"medication_review.kind"}));
  RiskTable table(&tables);
  for (Value i = 0; i < 10; ++i) table.Add({{1, {i}}, {2, {i, 1 + i % 2}}});
  EXPECT_EQ(table.Assess({5, 2}).risk.below(), 0u);
  EXPECT_EQ(table.Assess({11, 2}).risk.below(), 10u) << "all are one class, and it is too small";
}

}  // namespace
}  // namespace kpr::extract
