#include "indicators/cells/cell_observer.h"

#include <algorithm>
#include <unordered_map>

#include "indicators/engine/evaluate.h"

namespace kpr {
namespace {

class CellBatch : public ChangeBatch {
 public:
  explicit CellBatch(const Plan* plan) : plan_(plan) {}

  void Changed(const History& before, const History& after, Date from, Date horizon) override {
    Add(before, from, horizon, -1);
    Add(after, from, horizon, +1);
  }

  void HorizonMoved(const History& history, Date before, Date after) override {
    // Periods that had ended by the old horizon stay as they are.
    const Date from = before + 1;
    Add(history, from, before, -1);
    Add(history, from, after, +1);
  }

  std::vector<KeyValue> CellDeltas() override {
    std::vector<KeyValue> deltas;
    for (auto& [key, slots] : cells_) {
      std::erase_if(slots, [](const SlotAmount& s) { return s.amount == 0; });
      if (slots.empty()) continue;
      std::sort(slots.begin(), slots.end(), [](const auto& a, const auto& b) { return a.slot < b.slot; });
      deltas.emplace_back(key.Encode(), EncodeSlots(slots));
    }
    std::sort(deltas.begin(), deltas.end());
    cells_.clear();
    return deltas;
  }

 private:
  void Add(const History& history, Date from, Date horizon, int64_t sign) {
    contributions_.clear();
    Evaluate(*plan_, history, from, horizon, &contributions_);
    for (const Contribution& c : contributions_) {
      auto& slots = cells_[c.key];
      const auto it =
          std::find_if(slots.begin(), slots.end(), [&](const SlotAmount& s) { return s.slot == c.slot; });
      if (it == slots.end()) {
        slots.push_back({c.slot, sign * c.amount});
      } else {
        it->amount += sign * c.amount;
      }
    }
  }

  const Plan* plan_;
  std::vector<Contribution> contributions_;
  std::unordered_map<CellKey, std::vector<SlotAmount>, CellKeyHash> cells_;
};

}  // namespace

std::unique_ptr<ChangeBatch> CellObserver::Begin() {
  return std::make_unique<CellBatch>(plan_);
}

}  // namespace kpr
