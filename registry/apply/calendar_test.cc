#include "registry/apply/calendar.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/bytes.h"

namespace kpr {
namespace {

struct Naive {
  int32_t horizon = 0;
  std::map<int32_t, uint64_t> boundaries;  // day to offset

  void Step(const Tick& tick) {
    const bool moves = tick.set_back ? tick.day < horizon : tick.day > horizon;
    if (!moves) return;
    horizon = tick.day;
    for (auto it = boundaries.begin(); it != boundaries.end();)
      it = it->first > tick.day ? boundaries.erase(it) : std::next(it);
    boundaries.try_emplace(tick.day, tick.offset);
  }
};

// As a store takes it over.
void Apply(const CalendarChange& change, std::map<std::string, std::string>* stored) {
  std::erase_if(*stored, [&](const auto& b) {
    return change.moved_back_to && IsAfter(b.first, *change.moved_back_to);
  });
  for (const auto& [day, offset] : change.day_boundaries) stored->emplace(day, offset);
}

// However the log is cut into slices, the calendar is what its ticks make of it one by one.
TEST(CalendarTest, SlicesOfAnySizeGiveTheSame) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    Naive naive;
    std::map<std::string, std::string> stored;
    int32_t horizon = 0;
    uint64_t offset = 0;
    for (int slice = 0; slice < 6; ++slice) {
      std::vector<Tick> ticks(random() % 5);
      for (Tick& tick : ticks) {
        tick = {static_cast<int32_t>(1 + random() % 12), ++offset, random() % 3 == 0};
        naive.Step(tick);
      }
      const CalendarChange change = MoveCalendar(ticks, horizon);
      horizon = change.horizon_days;
      Apply(change, &stored);
    }
    std::map<std::string, std::string> expected;
    for (const auto& [day, at] : naive.boundaries) {
      std::string key, value;
      PutBigEndian(&key, static_cast<uint32_t>(day));
      PutVarint(&value, at);
      expected[key] = value;
    }
    ASSERT_EQ(horizon, naive.horizon) << "seed " << seed;
    ASSERT_EQ(stored, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace kpr
