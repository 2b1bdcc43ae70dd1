// What persons count for in an indicator, added up over everybody, is the indicator.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "extracts/build/registry_timelines.h"
#include "extracts/rows/indicator_rows.h"
#include "extracts/variables/indicator_tables.h"
#include "indicators/query/query.h"
#include "tests/support/harness.h"
#include "tests/support/random_history.h"
#include "tests/support/registry_fixture.h"

namespace kpr::extract {
namespace {

using test::Harness;

constexpr int kFirstYear = 2019, kLastYear = 2021;

// By period and municipality of that year's structure.
using Place = std::pair<std::string, std::string>;
// By column; a mean's numerator in hundredths.
using Amounts = std::map<std::string, int64_t>;
using Sums = std::map<Place, Amounts>;

v1::ExtractRequest Frame() {
  v1::ExtractRequest request;
  request.set_first_month(std::to_string(kFirstYear) + "-01");
  request.set_last_month(std::to_string(kLastYear) + "-12");
  request.mutable_population()->mutable_service_active()->add_types(18);
  return request;
}

void Add(const Table& table, const SubjectState& person, IndicatorRows* rows, Sums* sums) {
  const PeriodKind kind = ShortestPeriod(*table.definition);
  rows->ForEach(person, [&](const IndicatorRow& row) {
    const Municipality municipality = Structure::Of(row.period.year()).MunicipalityOf(row.municipality);
    Amounts& amounts = (*sums)[{Period::Containing(kind, row.period).ToString(), municipality.ToString()}];
    for (const Variable& variable : table.variables) {
      if (variable.origin == Origin::kPeriod || variable.origin == Origin::kMunicipality) continue;
      amounts[variable.column] += rows->ValueOf(row, variable);
    }
  });
}

std::map<const Table*, Sums> SumOverPersons(const Registry& registry) {
  const auto frame = Population::Create(Frame());
  std::map<const Table*, std::unique_ptr<IndicatorRows>> rows;
  for (const Table& table : Tables()) {
    if (table.kind == TableKind::kIndicator)
      rows[&table] = std::move(*IndicatorRows::Create(&table, frame->get()));
  }
  std::map<const Table*, Sums> sums;
  const auto take = [&](const SubjectId& subject, const std::vector<Fact>& facts) {
    const SubjectState person = Fold(subject, facts);
    for (auto& [table, of_table] : rows) Add(*table, person, of_table.get(), &sums[table]);
    return true;
  };
  std::vector<uint64_t> positions;
  for (uint32_t i = 0; i < registry.partitions(); ++i) positions.push_back(registry.store(i)->next_offset());
  EXPECT_TRUE(RegistryTimelines(&registry, positions).ForEach(256, take, [](double) {}).ok());
  return sums;
}

// What the indicator's own row says of a variable; none: it says something else.
std::optional<int64_t> Answer(const Table& table, const ResultRow& row, const Variable& variable) {
  const v1::Kind kind = table.definition->kind();
  if (variable.origin == Origin::kClass) return row.classes[static_cast<size_t>(variable.place)];
  if (variable.origin == Origin::kDenominator) return std::llround(row.denominator);
  if (kind == v1::KIND_MEDIAN_DAYS) return {};
  if (kind == v1::KIND_MEAN) return std::llround(100 * row.numerator);
  return std::llround(row.numerator);
}

size_t Compare(const Query& query, const Table& table, const Sums& sums) {
  v1::GetIndicatorValuesRequest request;
  request.set_indicator(table.definition->id());
  const PeriodKind kind = ShortestPeriod(*table.definition);
  request.set_from_period(Period::Containing(kind, Date::FromYmd(kFirstYear, 1, 1)).ToString());
  request.set_to_period(Period::Containing(kind, Date::FromYmd(kLastYear, 12, 31)).ToString());
  request.set_level(v1::LEVEL_MUNICIPALITY);
  const auto answer = query.Get(request);
  EXPECT_TRUE(answer.ok()) << answer.status().message();
  size_t compared = 0;
  for (const ResultRow& row : answer->rows) {
    // Of a running period what is known so far is told; an extract has none.
    if (row.provisional) continue;
    // Before a municipality began to report rows are there, and no figure.
    if (row.reason == v1::MISSING_REASON_NOT_REPORTED) continue;
    const bool mean = table.definition->kind() == v1::KIND_MEAN;
    if (mean && row.value() == nullptr) continue;
    const auto found = sums.find({row.period, row.area});
    for (const Variable& variable : table.variables) {
      if (variable.origin == Origin::kPeriod || variable.origin == Origin::kMunicipality) continue;
      const auto expected = Answer(table, row, variable);
      if (!expected) continue;
      const int64_t sum = found == sums.end() ? 0 : found->second.at(variable.column);
      EXPECT_EQ(sum, *expected) << variable.described.name() << " " << row.period << " " << row.area;
      compared += *expected != 0 ? 1 : 0;
    }
  }
  return compared;
}

// A place that is granted and taken, which random histories seldom have.
std::vector<v1::Event> AWait() {
  v1::Event granted;
  SubjectId person;
  person.bytes[0] = static_cast<uint8_t>(SubjectKind::kPerson);
  granted.mutable_subject()->set_pseudonym(std::string(person.view()));
  granted.set_status(v1::EVENT_STATUS_ORIGINAL);
  granted.set_municipality("0301");
  v1::Event taken = granted;
  granted.set_event_id("00000000-0000-4000-8000-000000000001");
  granted.set_occurred_on("2020-03-01");
  granted.mutable_place_granted()->set_application_id("a");
  granted.mutable_place_granted()->set_service_type(21);
  taken.set_event_id("00000000-0000-4000-8000-000000000002");
  taken.set_occurred_on("2020-03-11");
  taken.mutable_service_started()->set_service_id("s");
  taken.mutable_service_started()->set_service_type(21);
  return {granted, taken};
}

TEST(ExtractIndicatorTest, TheSumOverPersonsIsTheIndicator) {
  std::set<std::string> tables;
  std::set<int> kinds;
  for (uint64_t seed = 1; seed <= 6 && !HasFailure(); ++seed) {
    const test::RandomHistory history = test::MakeHistory(seed * 6151);
    Harness harness(2);
    harness.Append(history.events);
    harness.Append(AWait());
    harness.Tick(Date::FromYmd(kLastYear + 1, 1, 31));
    harness.WaitApplied();
    const Query query(&test::DefaultPlan(), &harness.registry());
    for (const auto& [table, sums] : SumOverPersons(harness.registry())) {
      if (Compare(query, *table, sums) == 0) continue;
      tables.insert(table->name);
      kinds.insert(table->definition->kind());
    }
  }
  EXPECT_GE(tables.size(), 30u);
  EXPECT_EQ(kinds, (std::set<int>{v1::KIND_COUNT, v1::KIND_PROPORTION, v1::KIND_RATIO, v1::KIND_MEAN,
                                  v1::KIND_MEDIAN_DAYS, v1::KIND_RATE}));
}

size_t RowsOfAssistance(test::RegistryFixture& f, const std::string& first, const std::string& last) {
  const Table* table = nullptr;
  EXPECT_NE(FindVariable("indicator_bpa_users.numerator", &table), nullptr);
  v1::ExtractRequest request = Frame();
  request.set_first_month(first);
  request.set_last_month(last);
  const auto frame = Population::Create(request);
  const auto rows = IndicatorRows::Create(table, frame->get());
  const RegistryReader& registry = f.harness().registry();
  size_t count = 0;
  const auto take = [&](const SubjectId& person, const std::vector<Fact>& facts) {
    (*rows)->ForEach(Fold(person, facts), [&](const IndicatorRow&) { ++count; });
    return true;
  };
  std::vector<uint64_t> positions;
  for (uint32_t i = 0; i < registry.partitions(); ++i) positions.push_back(registry.store(i)->next_offset());
  EXPECT_TRUE(RegistryTimelines(&registry, positions).ForEach(256, take, [](double) {}).ok());
  return count;
}

TEST(ExtractIndicatorTest, APeriodThatTheFrameCutsHasNoRows) {
  test::RegistryFixture f;
  f.Start(1, 3, "2019-06-01");
  f.Settle("2022-01-31");
  EXPECT_EQ(RowsOfAssistance(f, "2020-02", "2020-04"), 0u);
  EXPECT_EQ(RowsOfAssistance(f, "2020-02", "2021-11"), RowsOfAssistance(f, "2020-05", "2021-08"));
  EXPECT_GT(RowsOfAssistance(f, "2020-01", "2020-12"), 0u);
}

}  // namespace
}  // namespace kpr::extract
