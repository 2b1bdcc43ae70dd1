#include "indicators/cells/cell_observer.h"

#include <algorithm>

#include "indicators/cells/delta_table.h"
#include "indicators/engine/evaluate.h"

namespace kpr {
namespace {

class CellBatch : public ChangeBatch {
 public:
  explicit CellBatch(const Plan* plan) : plan_(plan) {}

  void Changed(const History& before, const History& after, Date from, Date horizon) override {
    before_.clear();
    after_.clear();
    Evaluate(*plan_, before, from, horizon, &before_);
    Evaluate(*plan_, after, from, horizon, &after_);
    AddDifference();
  }

  void HorizonMoved(const History& history, Date before, Date after) override {
    // Periods that had ended by the old horizon stay as they are.
    before_.clear();
    after_.clear();
    Evaluate(*plan_, history, before + 1, before, &before_);
    Evaluate(*plan_, history, before + 1, after, &after_);
    AddDifference();
  }

  std::vector<KeyValue> CellDeltas() override { return deltas_.Take(); }

 private:
  // after_ - before_. Most of the two is the same and in the same order: that is stepped over first.
  void AddDifference() {
    const auto same = [](const Contribution& a, const Contribution& b) {
      return a.key == b.key && a.slot == b.slot && a.amount == b.amount;
    };
    size_t head = 0, tail = 0;
    const size_t shorter = std::min(before_.size(), after_.size());
    while (head < shorter && same(before_[head], after_[head])) ++head;
    while (tail < shorter - head &&
           same(before_[before_.size() - 1 - tail], after_[after_.size() - 1 - tail]))
      ++tail;
    for (size_t i = head; i < before_.size() - tail; ++i) Add(before_[i], -1);
    for (size_t i = head; i < after_.size() - tail; ++i) Add(after_[i], +1);
  }

  void Add(const Contribution& c, int64_t sign) { deltas_.Add(c.key, c.slot, sign * c.amount); }

  const Plan* plan_;
  std::vector<Contribution> before_, after_;
  DeltaTable deltas_;
};

}  // namespace

std::unique_ptr<ChangeBatch> CellObserver::Begin() {
  return std::make_unique<CellBatch>(plan_);
}

}  // namespace kpr
