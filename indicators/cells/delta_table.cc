#include "indicators/cells/delta_table.h"

#include <algorithm>
#include <tuple>

namespace kpr {
namespace {

// As the encoded keys sort, then by slot.
auto Order(const CellKey& k, uint32_t slot) {
  return std::tuple(k.indicator, k.kind, static_cast<uint16_t>(k.ordinal), k.municipality_count,
                    k.municipalities, k.provider, k.sex, k.age, slot);
}

// The same order in two words, as long as the key has one municipality; most have.
struct Rank {
  uint64_t cell = 0, place = 0;
  uint32_t at = 0;
};

Rank RankOf(const CellKey& k, uint32_t slot, uint32_t at) {
  return {uint64_t{k.indicator} << 32 | static_cast<uint64_t>(k.kind) << 24 |
              uint64_t{static_cast<uint16_t>(k.ordinal)} << 8 | k.municipality_count,
          uint64_t{k.municipalities[0]} << 50 | uint64_t{k.provider} << 20 | uint64_t{k.sex} << 17 |
              uint64_t{k.age} << 13 | slot,
          at};
}

}  // namespace

DeltaTable::Entry& DeltaTable::Find(const Entry& entry, size_t hash) {
  const size_t mask = entries_.size() - 1;
  size_t at = hash & mask;
  while (entries_[at].slot != kFree &&
         (entries_[at].slot != entry.slot || !(entries_[at].key == entry.key))) {
    at = (at + 1) & mask;
  }
  return entries_[at];
}

void DeltaTable::Settle() {
  constexpr size_t kAhead = 12;
  std::array<size_t, kWaiting> hashes;
  while ((used_ + waiting_.size()) * 2 > entries_.size()) Grow();
  for (size_t i = 0; i < waiting_.size(); ++i) hashes[i] = Hash(waiting_[i]);
  for (size_t i = 0; i < waiting_.size(); ++i) {
    if (i + kAhead < waiting_.size())
      __builtin_prefetch(&entries_[hashes[i + kAhead] & (entries_.size() - 1)], 1);
    Entry& entry = Find(waiting_[i], hashes[i]);
    if (entry.slot == kFree) {
      entry = waiting_[i];
      ++used_;
    } else {
      entry.amount += waiting_[i].amount;
    }
  }
  waiting_.clear();
}

void DeltaTable::Grow() {
  std::vector<Entry> old(entries_.size() * 2);
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.slot != kFree) Find(entry, Hash(entry)) = entry;
  }
}

std::vector<KeyValue> DeltaTable::Take() {
  Settle();
  std::erase_if(entries_, [](const Entry& entry) { return entry.slot == kFree || entry.amount == 0; });
  std::vector<Rank> ranks;
  ranks.reserve(entries_.size());
  for (uint32_t i = 0; i < entries_.size(); ++i)
    ranks.push_back(RankOf(entries_[i].key, entries_[i].slot, i));
  std::sort(ranks.begin(), ranks.end(), [&](const Rank& a, const Rank& b) {
    if (a.cell != b.cell) return a.cell < b.cell;
    const Entry &x = entries_[a.at], &y = entries_[b.at];
    if ((a.cell & 0xFF) > 1) return Order(x.key, x.slot) < Order(y.key, y.slot);
    return a.place < b.place;
  });
  std::vector<KeyValue> deltas;
  std::vector<SlotAmount> slots;
  deltas.reserve(ranks.size() / 2);
  for (size_t i = 0; i < ranks.size(); ++i) {
    const Entry& entry = entries_[ranks[i].at];
    slots.push_back({entry.slot, entry.amount});
    if (i + 1 < ranks.size() && entries_[ranks[i + 1].at].key == entry.key) continue;
    deltas.emplace_back(entry.key.Encode(), EncodeSlots(slots));
    slots.clear();
  }
  entries_.assign(kInitial, Entry());
  used_ = 0;
  return deltas;
}

}  // namespace kpr
