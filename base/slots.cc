#include "base/slots.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kpr {
namespace {

struct SlotReader {
  explicit SlotReader(std::string_view bytes) : reader(bytes) { Next(); }
  void Next() {
    if (reader.empty()) {
      valid = false;
      return;
    }
    slot += reader.Varint();
    amount = reader.Signed();
    valid = !reader.failed();
  }
  ByteReader reader;
  uint64_t slot = 0;
  int64_t amount = 0;
  bool valid = true;
};

}  // namespace

std::string AddSlots(std::string_view a, std::string_view b) {
  SlotReader x(a), y(b);
  std::string out;
  uint64_t last = 0;
  while (x.valid || y.valid) {
    const bool take_x = x.valid && (!y.valid || x.slot <= y.slot);
    const bool take_y = y.valid && (!x.valid || y.slot <= x.slot);
    const uint64_t slot = take_x ? x.slot : y.slot;
    const int64_t amount = (take_x ? x.amount : 0) + (take_y ? y.amount : 0);
    if (take_x) x.Next();
    if (take_y) y.Next();
    if (amount == 0) continue;
    PutVarint(&out, slot - last);
    PutSigned(&out, amount);
    last = slot;
  }
  return out;
}

std::string EncodeSlots(std::span<const SlotAmount> sorted) {
  std::string out;
  uint32_t last = 0;
  for (const SlotAmount& s : sorted) {
    PutVarint(&out, s.slot - last);
    PutSigned(&out, s.amount);
    last = s.slot;
  }
  return out;
}

std::string EncodeSlots(const Slots& slots) {
  std::vector<SlotAmount> sorted;
  for (const auto& [slot, amount] : slots) {
    if (amount != 0) sorted.push_back({slot, amount});
  }
  return EncodeSlots(sorted);
}

void DropZeros(Slots* slots) {
  auto amounts = slots->extract_sequence();
  amounts.erase(std::remove_if(amounts.begin(), amounts.end(), [](const auto& s) { return s.second == 0; }),
                amounts.end());
  slots->adopt_sequence(boost::container::ordered_unique_range, std::move(amounts));
}

bool AddTo(Slots* slots, std::string_view encoded) {
  return ForEachSlot(encoded, [&](uint32_t slot, int64_t amount) { (*slots)[slot] += amount; });
}

}  // namespace kpr
