#include "indicators/disclosure/protection.h"

#include <algorithm>
#include <map>
#include <string>

namespace kpr::disclosure {
namespace {

// Hides more, round after round, until nothing is narrow.
class IntervalWidening {
 public:
  IntervalWidening(const Model& model, const CellNamer& namer, Hidden& hidden)
      : model_(model), namer_(namer), hidden_(hidden), narrow_(model.cells()), useless_(model.cells()) {}

  // Cells to attack in the next round: whatever else is hidden, others stay wide.
  const std::vector<bool>& narrow() const { return narrow_; }

  // Hides or shows something because of what an attack found. kFailedPrecondition: there is nothing left to
  // hide.
  Status Round(const AttackReport& report) {
    const Hidden before = hidden_;
    narrow_.assign(model_.cells(), false);
    const AttackedCell* stuck = nullptr;
    for (const AttackedComponent& component : report.components) {
      ShowWhatFollows(component);
      HideBlockers(component, stuck);
    }
    if (hidden_ == before && stuck != nullptr) {
      return FailedPrecondition(NameOf(namer_, stuck->cell) +
                                " cannot be hidden: what must be shown says too much about it");
    }
    for (CellIndex i = 0; i < model_.cells(); ++i) {
      if (hidden_[i] && !before[i]) narrow_[i] = true;
    }
    return {};
  }

 private:
  bool Usable(CellIndex blocker) const { return !useless_[blocker] && !hidden_[blocker]; }
  bool Narrow(const AttackedCell& cell) const { return cell.narrow && hidden_[cell.cell]; }

  // What was hidden to widen others, is known all the same, and has nothing beside it to hide protects no
  // one.
  void ShowWhatFollows(const AttackedComponent& component) {
    for (const AttackedCell& cell : component.attacked) {
      if (!cell.exact || model_.cell(cell.cell).showing != Showing::kCandidate) continue;
      if (std::any_of(cell.blockers.begin(), cell.blockers.end(),
                      [&](CellIndex blocker) { return Usable(blocker); })) {
        continue;
      }
      hidden_[cell.cell] = false;
      useless_[cell.cell] = true;
    }
  }

  // Hides blockers until each narrow cell has one of its own hidden: those first that block most narrow
  // cells, of equal ones what readers miss least. `stuck`: a cell that has none.
  void HideBlockers(const AttackedComponent& component, const AttackedCell*& stuck) {
    std::map<CellIndex, std::vector<size_t>> blocked;
    std::vector<bool> open(component.attacked.size());
    size_t left = 0;
    for (size_t t = 0; t < open.size(); ++t) {
      const AttackedCell& cell = component.attacked[t];
      if (!Narrow(cell)) continue;
      narrow_[cell.cell] = true;
      for (const CellIndex blocker : cell.blockers) {
        if (!Usable(blocker)) continue;
        blocked[blocker].push_back(t);
        open[t] = true;
      }
      left += open[t];
      if (!open[t]) stuck = &cell;
    }
    while (left > 0) {
      const CellIndex best = Best(blocked, open);
      hidden_[best] = true;
      for (const size_t t : blocked[best]) {
        left -= open[t];
        open[t] = false;
      }
    }
  }
  CellIndex Best(const std::map<CellIndex, std::vector<size_t>>& blocked,
                 const std::vector<bool>& open) const {
    CellIndex best = 0;
    long most = 0;
    for (const auto& [blocker, cells] : blocked) {
      const auto helps = std::count_if(cells.begin(), cells.end(), [&](size_t t) { return open[t]; });
      const bool cheaper = model_.cell(blocker).priority < model_.cell(best).priority;
      if (helps > most || (helps == most && helps > 0 && cheaper)) {
        best = blocker;
        most = helps;
      }
    }
    return best;
  }

  const Model& model_;
  const CellNamer& namer_;
  Hidden& hidden_;
  std::vector<bool> narrow_, useless_;
};

}  // namespace

Result<Protection> Protect(const Model& model, const ProtectionOptions& options) {
  KPR_ASSIGN_OR_RETURN(Hidden hidden, Suppress(model, options.suppression));
  return HideUntilWide(model, std::move(hidden), options.attack);
}

Result<Protection> HideUntilWide(const Model& model, Hidden hidden, const AttackOptions& options) {
  Protection protection;
  protection.hidden = std::move(hidden);
  AttackOptions attack = options;
  attack.blockers = true;
  const Hidden before = protection.hidden;
  IntervalWidening widening(model, options.name, protection.hidden);
  for (;;) {
    KPR_ASSIGN_OR_RETURN(protection.report, Attack(model, protection.hidden, attack));
    if (protection.report.Narrow() == 0) {
      if (attack.only == nullptr) break;
      attack.only = nullptr;  // the whole again, for the report
      continue;
    }
    KPR_RETURN_IF_ERROR(widening.Round(protection.report));
    attack.only = &widening.narrow();
  }
  for (CellIndex i = 0; i < model.cells(); ++i) protection.widened += protection.hidden[i] && !before[i];
  for (CellIndex i = 0; i < model.cells(); ++i) {
    if (!protection.hidden[i]) continue;
    if (model.cell(i).showing == Showing::kHidden) ++protection.primary;
    if (model.cell(i).showing == Showing::kCandidate) ++protection.secondary;
  }
  return protection;
}

}  // namespace kpr::disclosure
