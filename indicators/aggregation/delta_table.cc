#include "indicators/aggregation/delta_table.h"

#include <algorithm>
#include <tuple>

#include "indicators/cells/total.h"

namespace kpr {
namespace {

// As the encoded keys sort, then by slot.
auto Order(const CellKey& k, uint32_t slot) {
  return std::tuple(k.indicator, k.period, k.place.municipality_count, k.place.municipalities, k.year,
                    k.place.provider, k.sex, k.age, slot);
}

// The same order in three words, as long as the key has one municipality; most have.
struct Rank {
  uint64_t version = 0, place = 0;
  uint32_t stratum_slot = 0, at = 0;
};

static_assert(12 * slot::kCount <= 1u << 16);

Rank RankOf(const CellKey& k, uint32_t slot, uint32_t at) {
  return {uint64_t{k.indicator} << 32 | static_cast<uint64_t>(k.period) << 24 | k.place.municipality_count,
          uint64_t{k.place.municipalities[0]} << 50 | uint64_t{k.year} << 37 | uint64_t{k.place.provider},
          uint32_t{k.sex} << 24 | uint32_t{k.age} << 16 | slot, at};
}

// Leaves one amount for each slot, by slot, and no zeros.
void AddUp(std::vector<SlotAmount>* amounts) {
  std::sort(amounts->begin(), amounts->end(), [](auto& a, auto& b) { return a.slot < b.slot; });
  size_t used = 0;
  for (const SlotAmount& s : *amounts) {
    if (used > 0 && (*amounts)[used - 1].slot == s.slot) {
      (*amounts)[used - 1].amount += s.amount;
    } else {
      (*amounts)[used++] = s;
    }
  }
  amounts->resize(used);
  std::erase_if(*amounts, [](const SlotAmount& s) { return s.amount == 0; });
}

// The totals of cells that come by place and year.
class TotalSums {
 public:
  explicit TotalSums(std::vector<KeyValue>* totals) : totals_(totals) {}

  void Add(const CellKey& cell, uint32_t slot, int64_t amount) {
    const bool same = SamePlace(cell);
    if (!same || cell.year != cell_.year) FinishYear();
    if (!same || cell.year / kYearsOfTotal != cell_.year / kYearsOfTotal) FinishYears();
    cell_ = cell;
    months_.push_back({slot, amount});
  }

  void Finish() {
    FinishYear();
    FinishYears();
  }

 private:
  bool SamePlace(const CellKey& cell) const {
    return cell.indicator == cell_.indicator && cell.period == cell_.period &&
           cell.place.municipality_count == cell_.place.municipality_count &&
           cell.place.municipalities == cell_.place.municipalities;
  }

  void FinishYear() {
    AddUp(&months_);
    for (const SlotAmount& s : months_)
      years_.push_back({SlotInTotal(TotalsBy::kYear, cell_.year, s.slot), s.amount});
    Write(TotalsBy::kMonth, &months_);
  }

  void FinishYears() {
    AddUp(&years_);
    Write(TotalsBy::kYear, &years_);
  }

  void Write(TotalsBy by, std::vector<SlotAmount>* amounts) {
    if (!amounts->empty()) totals_->emplace_back(TotalKey::Of(cell_, by).Encode(), EncodeSlots(*amounts));
    amounts->clear();
  }

  std::vector<KeyValue>* totals_;
  CellKey cell_;  // the last
  std::vector<SlotAmount> months_, years_;
};

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
  while ((used_ + waiting_.size()) * 3 > entries_.size() * 2) Grow();
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

CellDeltas DeltaTable::Take() {
  Settle();
  std::erase_if(entries_, [](const Entry& entry) { return entry.slot == kFree || entry.amount == 0; });
  entries_.shrink_to_fit();
  std::vector<Rank> ranks;
  ranks.reserve(entries_.size());
  for (uint32_t i = 0; i < entries_.size(); ++i)
    ranks.push_back(RankOf(entries_[i].key, entries_[i].slot, i));
  std::sort(ranks.begin(), ranks.end(), [&](const Rank& a, const Rank& b) {
    if (a.version != b.version) return a.version < b.version;
    if ((a.version & 0xFF) > 1) {
      const Entry &x = entries_[a.at], &y = entries_[b.at];
      return Order(x.key, x.slot) < Order(y.key, y.slot);
    }
    return a.place != b.place ? a.place < b.place : a.stratum_slot < b.stratum_slot;
  });
  CellDeltas deltas;
  TotalSums totals(&deltas.totals);
  std::vector<SlotAmount> slots;
  deltas.cells.reserve(ranks.size() / 2);
  for (size_t i = 0; i < ranks.size(); ++i) {
    const Entry& entry = entries_[ranks[i].at];
    slots.push_back({entry.slot, entry.amount});
    totals.Add(entry.key, entry.slot, entry.amount);
    const CellKey* next = i + 1 < ranks.size() ? &entries_[ranks[i + 1].at].key : nullptr;
    if (next != nullptr && *next == entry.key) continue;
    deltas.cells.emplace_back(entry.key.Encode(), EncodeSlots(slots));
    slots.clear();
  }
  totals.Finish();
  std::sort(deltas.totals.begin(), deltas.totals.end());
  std::vector<Entry>(kInitial).swap(entries_);  // what was used is free while the deltas are written
  used_ = 0;
  return deltas;
}

}  // namespace kpr
