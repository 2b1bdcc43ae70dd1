// A sparse vector of integers as bytes: (varint gap to the slot before, zigzag amount) by rising slot, no
// zeros. The one codec of cell values: written by aggregation, added up by the store, read by queries
// (docs/formats.md).
#pragma once

#include <boost/container/flat_map.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace kpr {

struct SlotAmount {
  uint32_t slot = 0;
  int64_t amount = 0;
};
// By rising slot; flat, as questions add up millions of them.
using Slots = boost::container::flat_map<uint32_t, int64_t>;

std::string EncodeSlots(std::span<const SlotAmount> sorted);
std::string EncodeSlots(const Slots& slots);  // without the zeros

void DropZeros(Slots* slots);

// Adds the encoded amounts; false where the bytes are damaged.
bool AddTo(Slots* slots, std::string_view encoded);

// The sum of two encoded vectors. Associative, and never fails, as the store's merge operator needs: bytes
// that do not decode are taken as empty.
std::string AddSlots(std::string_view a, std::string_view b);

// Calls f(slot, amount) for each; false where the bytes are damaged.
template <typename F>
bool ForEachSlot(std::string_view encoded, F&& f) {
  ByteReader reader(encoded);
  uint32_t slot = 0;
  while (!reader.empty()) {
    slot += static_cast<uint32_t>(reader.Varint());
    const int64_t amount = reader.Signed();
    if (reader.failed()) return false;
    f(slot, amount);
  }
  return true;
}

}  // namespace kpr
