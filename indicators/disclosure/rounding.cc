#include "indicators/disclosure/rounding.h"

#include <algorithm>
#include <limits>

namespace kpr::disclosure {
namespace {

class Rounding {
 public:
  Rounding(const Model& model, int64_t base)
      : model_(model), base_(base), finest_of_(model.cells()), cells_of_(model.cells()) {
    for (CellIndex i = 0; i < model.cells(); ++i) FindFinest(i);
    for (CellIndex i = 0; i < model.cells(); ++i) {
      shown_.push_back(model.cell(i).value);
      for (const CellIndex finest : finest_of_[i]) cells_of_[finest].push_back(i);
    }
  }

  std::vector<int64_t> Run() {
    // Rounding can make other figures small: then what is behind those is rounded too.
    while (AddSmall()) {
      for (const CellIndex cell : rounded_) Set(cell, 0);
      RaiseWhatHelps();
      Exchange();
    }
    return shown_;
  }

 private:
  const std::vector<CellIndex>& FindFinest(CellIndex cell) {
    std::vector<CellIndex>& finest = finest_of_[cell];
    if (!finest.empty()) return finest;
    for (const uint32_t index : model_.relations_of(cell)) {
      const Relation relation = model_.relation(index);
      const auto own = std::find_if(relation.terms.begin(), relation.terms.end(),
                                    [&](const Term& term) { return term.cell == cell; });
      if (own->factor > 0) continue;
      for (const Term& term : relation.terms) {
        if (term.cell == cell) continue;
        const std::vector<CellIndex>& parts = FindFinest(term.cell);
        finest.insert(finest.end(), parts.begin(), parts.end());
      }
      return finest;
    }
    finest.push_back(cell);
    return finest;
  }
  bool Small(int64_t value) const { return value > 0 && value < base_; }

  // The finest counts behind small figures that are not rounded yet.
  bool AddSmall() {
    std::vector<bool> known(model_.cells());
    for (const CellIndex cell : rounded_) known[cell] = true;
    const size_t before = rounded_.size();
    for (CellIndex cell = 0; cell < model_.cells(); ++cell) {
      if (!Small(shown_[cell])) continue;
      for (const CellIndex finest : finest_of_[cell]) {
        if (known[finest] || !Small(model_.cell(finest).value)) continue;
        known[finest] = true;
        rounded_.push_back(finest);
      }
    }
    return rounded_.size() > before;
  }
  void Set(CellIndex finest, int64_t value) {
    const int64_t change = value - shown_[finest];
    if (change == 0) return;
    for (const CellIndex cell : cells_of_[finest]) shown_[cell] += change;
  }
  // By how much the sum of squared deviations changes if the count changes so.
  int64_t Cost(CellIndex finest, int64_t change) const {
    int64_t cost = 0;
    for (const CellIndex cell : cells_of_[finest]) {
      const int64_t deviation = shown_[cell] - model_.cell(cell).value;
      cost += (deviation + change) * (deviation + change) - deviation * deviation;
    }
    return cost;
  }
  CellIndex Best(int64_t from, int64_t change, int64_t& cost) const {
    CellIndex best = 0;
    cost = std::numeric_limits<int64_t>::max();
    for (const CellIndex cell : rounded_) {
      if (shown_[cell] != from) continue;
      const int64_t its = Cost(cell, change);
      // Of equals the larger count is raised, the smaller lowered.
      const bool better =
          its < cost || (its == cost && (change > 0) == (model_.cell(cell).value > model_.cell(best).value));
      if (better) best = cell, cost = its;
    }
    return best;
  }
  void RaiseWhatHelps() {
    for (;;) {
      int64_t cost = 0;
      const CellIndex cell = Best(0, base_, cost);
      if (cost >= 0) return;
      Set(cell, base_);
    }
  }
  // One up and one down, as long as that is better.
  void Exchange() {
    for (;;) {
      int64_t down_cost = 0, up_cost = 0;
      const CellIndex down = Best(base_, -base_, down_cost);
      if (down_cost == std::numeric_limits<int64_t>::max()) return;
      Set(down, 0);
      const CellIndex up = Best(0, base_, up_cost);
      if (down_cost + std::min<int64_t>(up_cost, 0) >= 0) {
        Set(down, base_);
        return;
      }
      if (up_cost < 0) Set(up, base_);
    }
  }

  const Model& model_;
  const int64_t base_;
  std::vector<std::vector<CellIndex>> finest_of_, cells_of_;
  std::vector<int64_t> shown_;
  std::vector<CellIndex> rounded_;
};

}  // namespace

Result<std::vector<int64_t>> RoundSmall(const Model& model, int64_t base) {
  std::vector<int64_t> shown = Rounding(model, base).Run();
  for (size_t r = 0; r < model.relations(); ++r) {
    const Relation relation = model.relation(r);
    int64_t sum = 0;
    for (const Term& term : relation.terms) sum += term.factor * shown[term.cell];
    if (relation.equal && sum != 0) {
      return Invalid(
          "rounding needs the table that crosses all dimensions; without it figures would not add up");
    }
  }
  return shown;
}

}  // namespace kpr::disclosure
