#include "indicators/disclosure/bounds.h"

#include <cmath>
#include <deque>
#include <limits>
#include <optional>

namespace kpr::disclosure {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr int kMostVisits = 20;  // of a relation: bounds that creep are left to the attack

// A sum of bounds of which some may be infinite, that one of them can be taken from.
class BoundSum {
 public:
  void Add(double bound) {
    if (std::isinf(bound)) {
      ++infinite_;
    } else {
      sum_ += bound;
    }
  }
  // The sum of the others; `infinite` if one of them is.
  double Without(double bound, double infinite) const {
    const bool own = std::isinf(bound);
    return infinite_ > (own ? 1 : 0) ? infinite : own ? sum_ : sum_ - bound;
  }

 private:
  double sum_ = 0;
  int infinite_ = 0;
};

class Bounds {
 public:
  Bounds(const Model& model, const Hidden& hidden) : model_(model), hidden_(hidden), of_cell_(model.cells()) {
    for (CellIndex i = 0; i < model.cells(); ++i) {
      const Cell& cell = model.cell(i);
      of_cell_[i].lower = static_cast<double>(hidden[i] ? cell.at_least : cell.value);
      of_cell_[i].upper = hidden[i] ? kInfinite : static_cast<double>(cell.value);
    }
  }

  void Find() {
    std::vector<int> visits(model_.relations());
    std::vector<bool> waits(model_.relations(), true);
    std::deque<uint32_t> waiting;
    for (uint32_t r = 0; r < model_.relations(); ++r) waiting.push_back(r);
    while (!waiting.empty()) {
      const uint32_t relation = waiting.front();
      waiting.pop_front();
      waits[relation] = false;
      changed_.clear();
      if (++visits[relation] <= kMostVisits) Visit(relation);
      for (const CellIndex cell : changed_) {
        for (const uint32_t beside : model_.relations_of(cell)) {
          if (beside == relation || waits[beside]) continue;
          waits[beside] = true;
          waiting.push_back(beside);
        }
      }
    }
  }

  std::vector<AttackedCell> Narrow() const {
    std::vector<AttackedCell> narrow;
    for (CellIndex i = 0; i < model_.cells(); ++i) {
      const Known& known = of_cell_[i];
      if (!hidden_[i] || model_.cell(i).showing == Showing::kUnknown) continue;
      const double missing = model_.cell(i).width - (known.upper - known.lower);
      if (missing <= 0) continue;
      AttackedCell cell{i, known.lower, known.upper};
      cell.narrow = true;
      if (known.upper_from) AddBlockers(i, *known.upper_from, true, missing, cell.blockers);
      if (known.lower_from) AddBlockers(i, *known.lower_from, false, missing, cell.blockers);
      narrow.push_back(std::move(cell));
    }
    return narrow;
  }

 private:
  struct Known {
    double lower = 0, upper = 0;
    std::optional<uint32_t> lower_from, upper_from;  // the relations that say so
  };

  // Of factor * cell.
  double Least(const Term& term) const {
    const Known& known = of_cell_[term.cell];
    return term.factor * (term.factor > 0 ? known.lower : known.upper);
  }
  double Most(const Term& term) const {
    const Known& known = of_cell_[term.cell];
    return term.factor * (term.factor > 0 ? known.upper : known.lower);
  }

  void Visit(uint32_t index) {
    const Relation relation = model_.relation(index);
    BoundSum least, most;
    for (const Term& term : relation.terms) {
      least.Add(Least(term));
      most.Add(Most(term));
    }
    for (const Term& term : relation.terms) {
      if (!hidden_[term.cell]) continue;
      const double at_most = -least.Without(Least(term), -kInfinite);
      const double at_least = relation.equal ? -most.Without(Most(term), kInfinite) : -kInfinite;
      Known& known = of_cell_[term.cell];
      const double upper = (term.factor > 0 ? at_most : at_least) / term.factor;
      const double lower = (term.factor > 0 ? at_least : at_most) / term.factor;
      const Known before = known;
      if (upper < known.upper) {
        known.upper = upper;
        known.upper_from = index;
      }
      if (lower > known.lower) {
        known.lower = lower;
        known.lower_from = index;
      }
      if (known.upper < before.upper || known.lower > before.lower) changed_.push_back(term.cell);
    }
  }

  // A hidden part lets others of its sum be as much more as its value, and less by any amount; a hidden sum
  // lets its parts be more by any amount, and less by its value.
  void AddBlockers(CellIndex cell, uint32_t index, bool above, double missing,
                   std::vector<CellIndex>& blockers) const {
    const Relation relation = model_.relation(index);
    int32_t factor = 0;
    for (const Term& term : relation.terms) factor = term.cell == cell ? term.factor : factor;
    for (const Term& term : relation.terms) {
      const Cell& beside = model_.cell(term.cell);
      if (hidden_[term.cell] || beside.showing != Showing::kCandidate || beside.width == 0) continue;
      const bool any_amount = ((term.factor > 0) == (factor > 0)) != above;
      if (any_amount || static_cast<double>(beside.value) >= missing) blockers.push_back(term.cell);
    }
  }

  const Model& model_;
  const Hidden& hidden_;
  std::vector<Known> of_cell_;
  std::vector<CellIndex> changed_;
};

}  // namespace

std::vector<AttackedCell> NarrowByBounds(const Model& model, const Hidden& hidden) {
  Bounds bounds(model, hidden);
  bounds.Find();
  return bounds.Narrow();
}

}  // namespace kpr::disclosure
