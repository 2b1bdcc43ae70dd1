#include "indicators/disclosure/suppression.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "indicators/disclosure/elimination.h"

namespace kpr::disclosure {
namespace {

constexpr uint64_t kSuppressionSeed = 0x6b7072;  // any will do; fixed, so that a release can be repeated
// Random changes drawn at once, and the candidates that are looked at with them: drawing costs an
// elimination, keeping costs a step for each change of each cell at each shown cell.
constexpr size_t kVectors = 48, kVectorsOfMany = 192, kMany = 4000, kCandidatesOfVector = 4;

bool MustHide(const Cell& cell) {
  return cell.showing == Showing::kHidden;
}

size_t VectorsFor(size_t cells) {
  return cells < kMany ? kVectors : kVectorsOfMany;
}

// Random changes of the unseen cells of one component that leave all that is shown as it is. Of some of the
// cells, that is: `kept`, places in `cells`; they are meant by their place in `kept`.
class Changes {
 public:
  // `known`: of the cells, those that are taken for shown; in rising order.
  Changes(const Model& model, const std::vector<CellIndex>& cells, const std::vector<CellIndex>& known,
          const std::vector<size_t>& kept, Random& random)
      : vectors_(VectorsFor(cells.size())), left_(vectors_) {
    std::vector<CellIndex> unseen;
    std::set_difference(cells.begin(), cells.end(), known.begin(), known.end(), std::back_inserter(unseen));
    const std::vector<Field> drawn = Elimination(model, unseen).Sample(vectors_, random);
    changes_.resize(kept.size() * vectors_);
    for (size_t to = 0; to < kept.size(); ++to) {
      const auto at = std::lower_bound(unseen.begin(), unseen.end(), cells[kept[to]]);
      if (at == unseen.end() || *at != cells[kept[to]]) continue;
      std::copy_n(&drawn[static_cast<size_t>(at - unseen.begin()) * vectors_], vectors_,
                  &changes_[to * vectors_]);
    }
  }
  // Too few are left to tell: draw new ones.
  bool exhausted() const { return left_ <= 4; }
  bool Fixed(size_t i) const {
    const Field* of = At(i);
    return std::all_of(of, of + left_, [](Field change) { return change.zero(); });
  }
  // Whether showing i would fix j. Both are not fixed.
  bool Fixes(size_t i, size_t j) const {
    const Field *a = At(i), *b = At(j);
    for (size_t k = 1; k < left_; ++k) {
      if (!(a[k] * b[0] == b[k] * a[0])) return false;
    }
    return true;
  }
  // Shows i: only changes that leave it as it is stay.
  void Show(size_t i) {
    if (Fixed(i)) return;
    const size_t last = --left_;
    const Field scale = Field() - At(i)[last].Inverse();
    std::vector<Field> factors(last);
    for (size_t k = 0; k < last; ++k) factors[k] = At(i)[k] * scale;
    for (size_t row = 0; row < changes_.size(); row += vectors_) {
      Field* of = &changes_[row];
      if (of[last].zero()) continue;
      for (size_t k = 0; k < last; ++k) of[k] = of[k] + factors[k] * of[last];
    }
  }

 private:
  const Field* At(size_t i) const { return &changes_[i * vectors_]; }

  size_t vectors_, left_;
  std::vector<Field> changes_;
};

// The unseen cells of the component that follow from what is shown.
std::vector<CellIndex> Followed(const Model& model, const std::vector<CellIndex>& cells, Random& random) {
  const std::vector<Field> changes = Elimination(model, cells).Sample(1, random);
  std::vector<CellIndex> followed;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (changes[i].zero()) followed.push_back(cells[i]);
  }
  return followed;
}

// The shown candidate of the relation that readers miss least, at least `at_least`; none if there is none.
std::optional<CellIndex> Cheapest(const Model& model, const Relation& relation, const Hidden& hidden,
                                  int64_t at_least) {
  std::optional<CellIndex> cheapest;
  for (const Term& term : relation.terms) {
    const Cell& cell = model.cell(term.cell);
    if (hidden[term.cell] || cell.showing != Showing::kCandidate || cell.value < at_least) continue;
    if (!cheapest || cell.priority < model.cell(*cheapest).priority) cheapest = term.cell;
  }
  return cheapest;
}

// Hides one more cell in each relation of the cell. False: all are hidden, or must be shown.
bool WidenBeside(const Model& model, CellIndex cell, Hidden& tried) {
  bool widened = false;
  for (const uint32_t index : model.relations_of(cell)) {
    if (!model.relation(index).equal) continue;
    const auto beside = Cheapest(model, model.relation(index), tried, 1);
    const auto other = beside ? beside : Cheapest(model, model.relation(index), tried, 0);
    if (other) tried[*other] = widened = true;
  }
  return widened;
}

// The same beside what is unseen in relations of the cells, and so on until there is something to hide.
bool WidenAround(const Model& model, std::vector<CellIndex> ring, Hidden& tried) {
  std::set<CellIndex> seen(ring.begin(), ring.end());
  while (!ring.empty()) {
    bool widened = false;
    for (const CellIndex cell : ring) widened |= WidenBeside(model, cell, tried);
    if (widened) return true;
    std::vector<CellIndex> next;
    for (const uint32_t index : RelationsOf(model, ring)) {
      if (!model.relation(index).equal) continue;
      for (const Term& term : model.relation(index).terms) {
        if (tried[term.cell] && seen.insert(term.cell).second) next.push_back(term.cell);
      }
    }
    ring = std::move(next);
  }
  return false;
}

// Whether hiding these cells and showing all others protects; if not, hides more beside each that follows, or
// beside what it follows from. False: nothing was to be done.
Result<bool> Widen(const Model& model, const CellNamer& namer, Hidden& tried, Random& random) {
  bool widened = false;
  for (const auto& cells : Components(model, tried, Joined::kByEqual)) {
    const std::vector<CellIndex> followed = Followed(model, cells, random);
    const auto unsafe = std::find_if(followed.begin(), followed.end(),
                                     [&](CellIndex cell) { return MustHide(model.cell(cell)); });
    if (unsafe == followed.end()) continue;
    bool more = false;
    for (const CellIndex cell : followed) {
      if (MustHide(model.cell(cell))) more |= WidenBeside(model, cell, tried);
    }
    more = more || WidenAround(model, followed, tried);
    if (!more && widened) continue;  // what was hidden for another may have helped: looked at again
    if (!more) {
      return FailedPrecondition(NameOf(namer, *unsafe) +
                                " must be hidden, but follows from cells that must be shown");
    }
    widened = true;
  }
  return widened;
}

// What may be hidden at all: everything of a small model, else what is small and what protects the small.
Result<Hidden> Tried(const Model& model, const SuppressionOptions& options, Random& random) {
  const bool all = model.cells() <= options.small_model;
  Hidden tried(model.cells());
  for (CellIndex i = 0; i < model.cells(); ++i) {
    const Cell& cell = model.cell(i);
    tried[i] = cell.showing == Showing::kHidden || cell.showing == Showing::kUnknown ||
               (cell.showing == Showing::kCandidate &&
                (all || (cell.value > 0 && cell.value <= options.tried_value)));
  }
  for (;;) {
    KPR_ASSIGN_OR_RETURN(const bool widened, Widen(model, options.name, tried, random));
    if (!widened) return tried;
  }
}

// Shows what may be shown, component by component; a component that has lost many cells is looked at in its
// parts.
class SecondarySuppression {
 public:
  SecondarySuppression(const Model& model, bool protect_singles, Random& random, Hidden& hidden)
      : model_(model),
        protect_singles_(protect_singles),
        random_(random),
        hidden_(hidden),
        refused_(model.cells()) {}

  void Run() {
    std::vector<std::vector<CellIndex>> waiting = Components(model_, hidden_, Joined::kByEqual);
    while (!waiting.empty()) {
      std::vector<CellIndex> cells = std::move(waiting.back());
      waiting.pop_back();
      if (ShowInOrder(cells)) continue;
      std::erase_if(cells, [&](CellIndex cell) { return !hidden_[cell]; });
      for (auto& part : Components(model_, cells, Joined::kByEqual)) waiting.push_back(std::move(part));
    }
  }

 private:
  // The next in the order of their priority, except those that would give a hidden one away. False: not done
  // yet.
  bool ShowInOrder(const std::vector<CellIndex>& cells) {
    std::vector<size_t> order, kept;  // kept: what must be hidden, then what may be shown next
    std::vector<CellIndex> singles;
    for (size_t i = 0; i < cells.size(); ++i) {
      const Cell& cell = model_.cell(cells[i]);
      if (MustHide(cell)) kept.push_back(i);
      if (MustHide(cell) && protect_singles_ && cell.single) singles.push_back(cells[i]);
      if (cell.showing == Showing::kCandidate && !refused_[cells[i]]) order.push_back(i);
    }
    const size_t must_hide = kept.size();
    const bool all = TakeNext(cells, order);
    if (order.empty()) return true;
    kept.insert(kept.end(), order.begin(), order.end());
    Changes changes(model_, cells, {}, kept, random_);
    std::optional<Changes> beside_singles;  // what those who are alone in a cell could still not tell
    if (!singles.empty()) beside_singles.emplace(model_, cells, singles, kept, random_);
    std::vector<size_t> guarded;
    for (size_t j = 0; j < must_hide; ++j) {
      if (!changes.Fixed(j)) guarded.push_back(j);
    }
    for (size_t i = must_hide; i < kept.size(); ++i) {
      const CellIndex cell = cells[kept[i]];
      if (!changes.Fixed(i)) {
        if (changes.exhausted() || (beside_singles && beside_singles->exhausted())) return false;
        const bool of_singles = beside_singles && beside_singles->Fixed(i);
        if (of_singles ||
            std::any_of(guarded.begin(), guarded.end(), [&](size_t j) { return changes.Fixes(i, j); })) {
          refused_[cell] = true;
          continue;
        }
        changes.Show(i);
        if (beside_singles) beside_singles->Show(i);
      }
      hidden_[cell] = false;
    }
    return all;
  }

  // Sorts places in `cells`, and leaves as many as random changes are drawn for. False: not all.
  bool TakeNext(const std::vector<CellIndex>& cells, std::vector<size_t>& order) const {
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return model_.cell(cells[a]).priority > model_.cell(cells[b]).priority;
    });
    const size_t most = kCandidatesOfVector * VectorsFor(cells.size());
    if (order.size() <= most) return true;
    order.resize(most);
    return false;
  }

  const Model& model_;
  const bool protect_singles_;
  Random& random_;
  Hidden& hidden_;
  std::vector<bool> refused_;
};

}  // namespace

Result<Hidden> Suppress(const Model& model, const SuppressionOptions& options) {
  Random random(kSuppressionSeed);
  KPR_ASSIGN_OR_RETURN(Hidden hidden, Tried(model, options, random));
  SecondarySuppression(model, options.protect_singles, random, hidden).Run();
  return hidden;
}

std::vector<CellIndex> CannotBeHidden(const Model& model) {
  Random random(kSuppressionSeed);
  Hidden all(model.cells());
  for (CellIndex i = 0; i < model.cells(); ++i) all[i] = model.cell(i).showing != Showing::kShown;
  std::vector<CellIndex> cells;
  for (const auto& component : Components(model, all, Joined::kByEqual)) {
    for (const CellIndex cell : Followed(model, component, random)) {
      if (MustHide(model.cell(cell))) cells.push_back(cell);
    }
  }
  return cells;
}

}  // namespace kpr::disclosure
