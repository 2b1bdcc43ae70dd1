// Every answer given while events arrive out of order and corrections fly is consistent in itself: the
// municipalities add up to the counties and the country, strata to the total, and no numerator exceeds its
// denominator.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "indicators/query/query.h"
#include "tests/support/harness.h"
#include "tests/support/random_history.h"

namespace kpr::test {
namespace {

using Sums = std::map<std::string, std::vector<double>>;

// Numerator, denominator and classes.
Sums SumByPeriod(const ResultTable& response) {
  Sums sums;
  for (const ResultRow& v : response.rows) {
    std::vector<double>& sum = sums[v.period];
    sum.resize(std::max(sum.size(), 2 + v.classes.size()));
    sum[0] += v.numerator;
    sum[1] += v.denominator;
    for (size_t i = 0; i < v.classes.size(); ++i) sum[2 + i] += static_cast<double>(v.classes[i]);
  }
  return sums;
}

// Two reads of a moving register differ, so each check is of one read.
void CheckAnswer(const Query& query, const v1::Definition& definition, int* answers) {
  v1::GetIndicatorValuesRequest request;
  request.set_indicator(definition.id());
  request.set_from_period("2019");
  request.set_to_period("2021");
  request.set_level(v1::LEVEL_MUNICIPALITY);
  request.set_by_sex(true);
  const auto response = query.Get(request);
  ASSERT_TRUE(response.ok()) << response.status().message();
  for (const ResultRow& v : response->rows) {
    if (definition.kind() == v1::KIND_PROPORTION) {
      ASSERT_LE(v.numerator, v.denominator) << v.period << " " << v.area;
      ASSERT_GE(v.numerator, 0) << v.period << " " << v.area;
      int64_t classes = 0;
      for (int64_t n : v.classes) classes += n;
      ASSERT_EQ(static_cast<double>(classes), v.denominator) << v.period << " " << v.area;
    }
  }
  ++*answers;
}

// At rest, levels and strata add up to each other. Sets of municipalities count once in each area, so sums
// over areas hold for figures attributed to one place. How many sums were more than nothing.
int ExpectSumsAgree(const Query& query, const v1::Definition& definition, const std::string& from,
                    const std::string& to) {
  const bool once = definition.components(0).attribution() == v1::ATTRIBUTION_LATEST;
  int compared = 0;
  Sums country;
  for (const v1::Level level : {v1::LEVEL_COUNTRY, v1::LEVEL_COUNTY, v1::LEVEL_MUNICIPALITY}) {
    for (const bool strata : {false, true}) {
      v1::GetIndicatorValuesRequest request;
      request.set_indicator(definition.id());
      request.set_from_period(from);
      request.set_to_period(to);
      request.set_level(level);
      request.set_by_sex(strata);
      request.set_by_age(strata);
      const auto response = query.Get(request);
      EXPECT_TRUE(response.ok()) << response.status().message();
      if (!response.ok()) return 0;
      Sums sums = SumByPeriod(*response);
      if (level == v1::LEVEL_COUNTRY && !strata) country = sums;
      if (!once && level != v1::LEVEL_COUNTRY) continue;
      for (const auto& [period, wanted] : country) {
        std::vector<double>& sum = sums[period];
        sum.resize(std::max(sum.size(), wanted.size()));
        for (size_t i = 0; i < sum.size(); ++i) {
          EXPECT_NEAR(sum[i], i < wanted.size() ? wanted[i] : 0, 1e-6)
              << definition.id() << " " << period << " level " << level << strata << " sum " << i;
          compared += sum[i] != 0 ? 1 : 0;
        }
      }
    }
  }
  return compared;
}

TEST(Snapshots, EveryAnswerIsConsistentWhileEventsArrive) {
  Harness harness(3, 1);  // the smallest batches: as many states as there can be
  Query query(&DefaultPlan(), &harness.registry());
  harness.Tick(Date::FromYmd(2021, 6, 30));
  std::atomic<bool> done = false;
  std::thread sender([&] {
    std::mt19937_64 random(11);
    for (uint64_t seed = 1; seed <= 15; ++seed) {
      auto events = MakeHistory(seed * 31).events;
      std::shuffle(events.begin(), events.end(), random);
      for (const auto& event : events) harness.Append({event});
    }
    done = true;
  });
  int answers = 0;
  while (!done && !testing::Test::HasFatalFailure()) {
    for (const auto& definition : DefaultPlan().Get()->catalogue.definitions)
      CheckAnswer(query, definition, &answers);
  }
  sender.join();
  EXPECT_GT(answers, 13);
  harness.WaitApplied();
  // From the totals by years and by months: over decades, and up to a day within a year or to its end.
  const auto plan = DefaultPlan().Get();
  std::map<std::string, int> compared;
  for (size_t i = 0; i < plan->indicators.size(); ++i) {
    for (const auto& [from, to] : {std::pair("2019", "2021"),
                                   {"2019", "2020"},
                                   {"2021", "2021"},
                                   {"2020-T3", "2021-T2"},
                                   {"2020-11", "2021-06"},
                                   {"2019-12", "2020-02"}}) {
      if (plan->indicators[i].has(Period::Parse(from)->kind))
        compared[from] += ExpectSumsAgree(query, plan->catalogue.definitions[i], from, to);
    }
  }
  for (const auto& [from, count] : compared) EXPECT_GT(count, 100) << from;
}

}  // namespace
}  // namespace kpr::test
