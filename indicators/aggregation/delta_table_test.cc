#include "indicators/aggregation/delta_table.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "indicators/cells/total.h"

namespace kpr {
namespace {

CellKey RandomKey(std::mt19937_64* random) {
  const auto below = [&](uint64_t n) { return (*random)() % n; };
  CellKey key;
  key.indicator = static_cast<uint32_t>(below(3) * 2 + 1);
  key.period = static_cast<ReferencePeriod>(below(kReferencePeriods));
  key.year = static_cast<uint16_t>(2018 + below(4));
  key.place.municipality_count = static_cast<uint16_t>(std::array{0, 1, 1, 1, 1, 1, 1, 2}[below(8)]);
  for (size_t i = 0; i < key.place.municipality_count; ++i)
    key.place.municipalities[i] = static_cast<uint16_t>(301 + i + below(2) * 65000);
  key.place.provider = static_cast<uint32_t>(below(2) * UINT32_MAX);
  key.sex = static_cast<uint8_t>(below(3));
  key.age = static_cast<uint8_t>(below(2) == 0 ? below(7) : kSeveralBands | (1 + below(127)));
  return key;
}

Slots Decoded(std::string_view bytes) {
  Slots slots;
  EXPECT_TRUE(AddTo(&slots, bytes));
  return slots;
}

// Against maps: the same sums, without zeros, by key; and the totals.
TEST(DeltaTable, AddsUpAsMapsDo) {
  std::mt19937_64 random(11);
  DeltaTable table;
  for (int round = 0; round < 3; ++round) {
    std::map<std::string, Slots> cells, totals;
    for (int i = 0; i < 200'000; ++i) {
      const CellKey key = RandomKey(&random);
      const uint32_t slot =
          slot::InMonth(static_cast<uint32_t>(random() % 12), static_cast<uint32_t>(random() % 3));
      const int64_t amount = static_cast<int64_t>(random() % 5) - 2;
      table.Add(key, slot, amount);
      cells[key.Encode()][slot] += amount;
      for (const TotalsBy by : {TotalsBy::kMonth, TotalsBy::kYear})
        totals[TotalKey::Of(key, by).Encode()][SlotInTotal(by, key.year, slot)] += amount;
    }
    const CellDeltas deltas = table.Take();
    const auto equal = [](const std::vector<KeyValue>& given, std::map<std::string, Slots> expected) {
      for (auto& [key, slots] : expected) DropZeros(&slots);
      std::erase_if(expected, [](const auto& cell) { return cell.second.empty(); });
      ASSERT_EQ(given.size(), expected.size());
      std::string last;
      for (const auto& [key, value] : given) {
        EXPECT_LT(last, key);
        EXPECT_EQ(Decoded(value), expected[key]);
        last = key;
      }
    };
    equal(deltas.cells, cells);
    equal(deltas.totals, totals);
  }
  EXPECT_TRUE(table.Take().cells.empty());
}

}  // namespace
}  // namespace kpr
