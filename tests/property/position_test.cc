// I3: an answer is what the facts below its position give, wherever the partitions' calendars stand. On one
// machine they move together; with workers, or a partition that is behind, one may be years before another.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "indicators/query/position_token.h"
#include "indicators/query/query.h"
#include "kpr/v1/log.pb.h"
#include "tests/support/harness.h"
#include "tests/support/random_history.h"

namespace kpr::test {
namespace {

constexpr uint32_t kPartitions = 3;
constexpr uint64_t kSlowest =
    40;  // days, more than the first partition ever moves on; each other four times as many

v1::GetIndicatorValuesRequest RandomRequest(std::mt19937_64* random) {
  const auto& definitions = DefaultPlan().Get()->catalogue.definitions;
  v1::GetIndicatorValuesRequest request;
  request.set_indicator(definitions[(*random)() % definitions.size()].id());
  request.set_from_period("2019");
  request.set_to_period("2021");
  request.set_level((*random)() % 2 == 0 ? v1::LEVEL_COUNTRY : v1::LEVEL_MUNICIPALITY);
  request.set_incomplete_policy(
      static_cast<v1::IncompletePolicy>((*random)() % v1::IncompletePolicy_ARRAYSIZE));
  return request;
}

std::string Text(const ResultTable& table) {
  std::string text = table.horizon.ToString();
  for (const ResultRow& row : table.rows) {
    text += "\n" + row.period + " " + row.area + " " + row.sex + " " + row.age;
    for (const double number : {row.ValueOr(-1), row.numerator, row.denominator})
      text += " " + std::to_string(number);
    for (const int64_t in_class : row.classes) text += " " + std::to_string(in_class);
    for (const uint64_t number :
         {uint64_t{row.coverage.municipalities}, uint64_t{row.coverage.reporting},
          uint64_t{row.coverage.declared}, row.invited, row.responded, uint64_t{row.provisional},
          uint64_t{row.carried_forward}, static_cast<uint64_t>(row.reason), uint64_t{row.notes.size()}})
      text += " " + std::to_string(number);
  }
  return text;
}

void TickOf(uint32_t partition, Date day, Harness* harness) {
  v1::LogRecord record;
  record.mutable_tick()->set_horizon_days(day.days);
  harness->AppendBytes(partition, record.SerializeAsString());
}

void CheckAnswers(const Query& query, const std::string& where, std::mt19937_64* random, int64_t* counted) {
  for (int i = 0; i < 16; ++i) {
    v1::GetIndicatorValuesRequest request = RandomRequest(random);
    const auto now = query.Get(request);
    ASSERT_TRUE(now.ok()) << where << now.status().message();
    request.set_position(PositionToken(now->positions));
    const auto there = query.Get(request);
    ASSERT_TRUE(there.ok()) << where << there.status().message();
    ASSERT_EQ(Text(*now), Text(*there)) << where << request.ShortDebugString();
    *counted += std::count_if(now->rows.begin(), now->rows.end(),
                              [](const auto& row) { return row.numerator + row.denominator > 0; });
  }
}

TEST(Positions, AnAnswerIsWhatItsPositionGives) {
  int64_t counted = 0;
  for (uint64_t seed = 1; seed <= 20 && !HasFatalFailure(); ++seed) {
    std::mt19937_64 random(seed);
    std::vector<v1::Event> events;
    for (uint64_t part = 0; part < 8; ++part) {
      const auto more = MakeHistory((seed * 8 + part) * 6'007).events;
      events.insert(events.end(), more.begin(), more.end());
    }
    std::shuffle(events.begin(), events.end(), random);
    Harness harness(kPartitions, 1);
    Query query(&DefaultPlan(), &harness.registry());
    Date days[kPartitions];
    for (uint32_t i = 0; i < kPartitions; ++i) TickOf(i, days[i] = Date::FromYmd(2019, 10, 1), &harness);
    for (size_t at = 0; at < events.size();) {
      const size_t n = std::min<size_t>(1 + random() % 40, events.size() - at);
      harness.Append({events.begin() + static_cast<std::ptrdiff_t>(at),
                      events.begin() + static_cast<std::ptrdiff_t>(at + n)});
      at += n;
      const auto partition = static_cast<uint32_t>(random() % kPartitions);
      days[partition] = days[partition] + static_cast<int32_t>(random() % (kSlowest << 2 * partition));
      TickOf(partition, days[partition], &harness);
      if (random() % 3 != 0) continue;
      harness.WaitApplied();
      CheckAnswers(query, "seed " + std::to_string(seed) + " ", &random, &counted);
    }
  }
  EXPECT_GT(counted, 150);
}

}  // namespace
}  // namespace kpr::test
