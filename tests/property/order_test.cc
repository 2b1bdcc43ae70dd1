// The same multiset of events in a hundred random orders, batchings and partition counts: one state.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "tests/support/harness.h"
#include "tests/support/random_history.h"

namespace kpr::test {
namespace {

constexpr int kOrders = 100;

uint64_t StateHash(const Harness& harness) {
  uint64_t hash = Fnv1a("state");
  for (const auto& [key, text] : harness.Export()) hash = Fnv1a(text, Fnv1a(key, hash));
  for (const std::string& finding : harness.Findings()) hash = Fnv1a(finding, hash);
  return hash;
}

TEST(Orders, AHundredOrdersGiveOneState) {
  std::vector<v1::Event> events;
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    for (v1::Event& event : MakeHistory(seed * 7919).events) events.push_back(std::move(event));
  }
  std::set<uint64_t> states;
  size_t cells = 0;
  for (int order = 0; order < kOrders; ++order) {
    std::mt19937_64 random(static_cast<uint64_t>(order));
    std::vector<v1::Event> arriving = events;
    for (const v1::Event& event : events) {
      if (random() % 10 == 0) arriving.push_back(event);
    }
    std::shuffle(arriving.begin(), arriving.end(), random);
    Harness harness(1 + static_cast<uint32_t>(random() % 5), random() % 2 == 0 ? 1 : 2u << 20);
    Date horizon = Date::FromYmd(2021, 1, 1);
    for (size_t at = 0; at < arriving.size();) {
      const size_t n = std::min<size_t>(1 + random() % 200, arriving.size() - at);
      harness.Append({arriving.begin() + static_cast<std::ptrdiff_t>(at),
                      arriving.begin() + static_cast<std::ptrdiff_t>(at + n)});
      at += n;
      if (random() % 2 == 0) harness.Tick(horizon = horizon + static_cast<int32_t>(random() % 20));
    }
    harness.Tick(Date::FromYmd(2022, 12, 31));
    harness.WaitApplied();
    states.insert(StateHash(harness));
    cells = harness.Export().size();
    ASSERT_EQ(states.size(), 1u) << "order " << order;
  }
  EXPECT_GT(cells, 200u);
  std::cout << kOrders << " orders of " << events.size() << " events, " << cells << " cells, state "
            << std::hex << *states.begin() << '\n';
}

}  // namespace
}  // namespace kpr::test
