#include "indicators/aggregation/delta_table.h"

#include <algorithm>

#include "indicators/aggregation/add_up.h"
#include "indicators/cells/total.h"

namespace kpr {
namespace {

bool BySlot(const SlotAmount& a, const SlotAmount& b) {
  return a.slot < b.slot;
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
    AddUp(&months_, BySlot);
    for (const SlotAmount& s : months_)
      years_.push_back({SlotInTotal(TotalsBy::kYear, cell_.year, s.slot), s.amount});
    Write(TotalsBy::kMonth, &months_);
  }

  void FinishYears() {
    AddUp(&years_, BySlot);
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

// One cell after another, from amounts in order.
class CellWriter {
 public:
  explicit CellWriter(const DeltaSink& cells) : cells_(cells) {}

  void Add(const CellKey& cell, uint32_t slot, int64_t amount) {
    if (!slots_.empty() && !(cell == cell_)) Finish();
    cell_ = cell;
    slots_.push_back({slot, amount});
  }

  void Finish() {
    if (!slots_.empty()) cells_(cell_.Encode(), EncodeSlots(slots_));
    slots_.clear();
  }

 private:
  const DeltaSink& cells_;
  CellKey cell_;
  std::vector<SlotAmount> slots_;
};

}  // namespace

std::vector<KeyValue> DeltaTable::TakeInto(const DeltaSink& cell_sink) {
  std::vector<uint64_t> numbers;
  for (const auto& [number, unused] : indicators_) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  std::vector<KeyValue> total_deltas;
  CellWriter cells(cell_sink);
  TotalSums totals(&total_deltas);
  for (const uint64_t number : numbers) {
    // What has been read is free while the rest is.
    auto indicator = indicators_.extract(number);
    indicator.mapped().ForEach(static_cast<uint32_t>(number >> 8),
                               static_cast<ReferencePeriod>(number & 0xFF),
                               [&](const CellKey& cell, uint32_t slot, int64_t amount) {
                                 cells.Add(cell, slot, amount);
                                 totals.Add(cell, slot, amount);
                               });
  }
  cells.Finish();
  totals.Finish();
  std::sort(total_deltas.begin(), total_deltas.end());
  last_ = nullptr;
  return total_deltas;
}

CellDeltas DeltaTable::Take() {
  CellDeltas deltas;
  deltas.totals = TakeInto([&](std::string key, std::string slots) {
    deltas.cells.emplace_back(std::move(key), std::move(slots));
  });
  return deltas;
}

}  // namespace kpr
