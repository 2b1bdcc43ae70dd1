// Grouping of rare codes against counting persons one by one.
#include "extracts/rows/rare_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace kpr::extract {
namespace {

constexpr size_t kType = 1;  // column of service_spells in a row

std::vector<TablePlan> TablesFor(std::initializer_list<const char*> names) {
  v1::ExtractRequest request;
  request.set_group_rare_codes(true);
  for (const char* name : names) request.add_variables()->set_name(name);
  return TablesOf(request);
}

using Person = std::set<Value>;  // types of service

std::vector<Person> Anybody(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Person> persons(random() % 40);
  for (Person& person : persons) {
    const size_t services = random() % 4;
    for (size_t i = 0; i < services; ++i)
      person.insert(static_cast<Value>(1 + random() % (1 + random() % 12)));
  }
  return persons;
}

size_t WithAnyOf(const std::vector<Person>& persons, const std::set<Value>& codes) {
  return static_cast<size_t>(std::count_if(persons.begin(), persons.end(), [&](const Person& person) {
    return std::any_of(person.begin(), person.end(), [&](Value code) { return codes.contains(code); });
  }));
}

TEST(RareCodesTest, NoGivenCodeAndNotOtherEitherHasFewPersons) {
  const auto tables = TablesFor({"service_spells.service_type", "service_spells.days"});
  int grouped = 0, more = 0;
  for (uint32_t seed = 1; seed <= 500; ++seed) {
    constexpr uint32_t k = 4;
    const std::vector<Person> persons = Anybody(seed);
    RareCodes codes(tables, k);
    std::set<Value> all;
    for (const Person& person : persons) {
      std::vector<Rows> rows = {{tables[0].width(), {7}}, {tables[1].width(), {}}};
      for (const Value type : person) {
        // A code counts once for a person, however many rows have it.
        for (int twice = 0; twice < 2; ++twice)
          rows[1].values.insert(rows[1].values.end(), {7, type, 100 + twice});
        all.insert(type);
      }
      ASSERT_TRUE(codes.Add(rows).ok());
    }
    const auto found = codes.Find();
    ASSERT_LE(found.size(), 1u);  // days are no code
    std::set<Value> other;
    if (!found.empty()) other.insert(found[0].values().begin(), found[0].values().end());
    for (const Value code : all) {
      EXPECT_TRUE(other.contains(code) || WithAnyOf(persons, {code}) >= k) << seed;
    }
    const size_t few = WithAnyOf(persons, other);
    EXPECT_TRUE(other.empty() || few >= k || other == all) << seed << ": " << few;
    // No more than needed: without the most common of those that are grouped, there would be too few.
    for (const Value code : other) {
      if (WithAnyOf(persons, {code}) < k) continue;
      ++more;
      std::set<Value> rest = other;
      rest.erase(code);
      EXPECT_LT(WithAnyOf(persons, rest), k) << seed;
    }
    grouped += other.empty() ? 0 : 1;
    const CodeGroups groups(tables, found);
    for (const Value code : all) {
      EXPECT_EQ(groups.Grouped(*tables[1].columns[kType - 1], code),
                other.contains(code) ? kOtherCode : code);
    }
    EXPECT_EQ(groups.Grouped(*tables[1].columns[kType - 1], kMissing), kMissing);
  }
  EXPECT_GT(grouped, 100);
  EXPECT_GT(more, 10);
}

TEST(RareCodesTest, OfWhatPointsToPersonsCommonCodesStay) {
  const auto tables = TablesFor({"persons.sex"});
  RareCodes codes(tables, 4);
  for (const Value sex : {1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 9})
    ASSERT_TRUE(codes.Add({{tables[0].width(), {7, sex}}}).ok());
  const auto found = codes.Find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(std::vector<int64_t>(found[0].values().begin(), found[0].values().end()),
            std::vector<int64_t>{9});
}

TEST(RareCodesTest, OtherHasALabelAndTextsAWord) {
  const auto tables = TablesFor({"service_spells.service_type", "diagnosis.code"});
  const Variable& type = *tables[1].columns[0];
  EXPECT_EQ(type.described.codes(0).code(), kOtherCode);
  EXPECT_EQ(type.described.codes(0).label().nb(), "Annet (sjeldne koder samlet)");
  v1::GroupedCodes rare;
  rare.set_variable("diagnosis.code");
  rare.add_values(PackText("A99"));
  const CodeGroups groups(tables, std::vector<v1::GroupedCodes>{rare});
  const Variable& code = *tables[2].columns[0];
  EXPECT_EQ(UnpackText(groups.Grouped(code, PackText("A99"))), "other");
  EXPECT_EQ(UnpackText(groups.Grouped(code, PackText("A98"))), "A98");
  // Without grouping the catalogue is as it was.
  const Table* table = nullptr;
  EXPECT_NE(FindVariable("service_spells.service_type", &table)->described.codes(0).code(), kOtherCode);
}

}  // namespace
}  // namespace kpr::extract
