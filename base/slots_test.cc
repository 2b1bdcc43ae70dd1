#include "base/slots.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace kpr {
namespace {

TEST(AddSlotsTest, IsAssociativeAndExact) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    Slots sum;
    std::vector<std::string> parts;
    for (int i = 0; i < 3; ++i) {
      Slots part;
      for (uint64_t k = random() % 5; k > 0; --k)
        part[static_cast<uint32_t>(random() % 70)] = static_cast<int64_t>(random() % 5) - 2;
      for (const auto& [slot, amount] : part) sum[slot] += amount;
      parts.push_back(EncodeSlots(part));
    }
    DropZeros(&sum);
    const std::string left = AddSlots(AddSlots(parts[0], parts[1]), parts[2]);
    ASSERT_EQ(left, AddSlots(parts[0], AddSlots(parts[1], parts[2])));
    ASSERT_EQ(left, EncodeSlots(sum));
  }
}

TEST(AddSlotsTest, NeverFailsOnGarbage) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 2000; ++round) {
    std::string a, b;
    for (uint64_t k = random() % 12; k > 0; --k) a.push_back(static_cast<char>(random()));
    for (uint64_t k = random() % 12; k > 0; --k) b.push_back(static_cast<char>(random()));
    (void)AddSlots(a, b);
  }
}

}  // namespace
}  // namespace kpr
