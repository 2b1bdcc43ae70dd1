#include "indicators/disclosure/protection.h"

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <tuple>

#include "indicators/disclosure/bounds.h"

namespace kpr::disclosure {
namespace {

// Hides more, round after round, until nothing is narrow.
class IntervalWidening {
 public:
  IntervalWidening(const Model& model, const CellNamer& namer, Hidden& hidden)
      : model_(model), namer_(namer), hidden_(hidden), narrow_(model.cells()), useless_(model.cells()) {}

  // Cells to attack in the next round: whatever else is hidden, others stay wide.
  const std::vector<bool>& narrow() const { return narrow_; }

  // Hides beside what is narrow already by single relations.
  void HideByBounds() {
    for (;;) {
      const Hidden before = hidden_;
      (void)HideBlockers(NarrowByBounds(model_, hidden_));
      if (hidden_ == before) return;
      MarkHiddenSince(before);
    }
  }

  // Hides or shows something because of what an attack found. kFailedPrecondition: there is nothing left to
  // hide.
  Status Round(const AttackReport& report) {
    const Hidden before = hidden_;
    narrow_.assign(model_.cells(), false);
    std::optional<CellIndex> stuck;
    for (const AttackedComponent& component : report.components) {
      ShowWhatFollows(component);
      if (const auto cell = HideBlockers(component.attacked)) stuck = cell;
    }
    if (hidden_ == before && stuck) {
      return FailedPrecondition(NameOf(namer_, *stuck) +
                                " cannot be hidden: what must be shown says too much about it");
    }
    MarkHiddenSince(before);
    return {};
  }

 private:
  bool Usable(CellIndex blocker) const { return !useless_[blocker] && !hidden_[blocker]; }
  bool Narrow(const AttackedCell& cell) const { return cell.narrow && hidden_[cell.cell]; }
  void MarkHiddenSince(const Hidden& before) {
    for (CellIndex i = 0; i < model_.cells(); ++i) {
      if (hidden_[i] && !before[i]) narrow_[i] = true;
    }
  }

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
  // cells, of equal ones what readers miss least. Returns a cell that has none.
  std::optional<CellIndex> HideBlockers(const std::vector<AttackedCell>& attacked) {
    std::optional<CellIndex> stuck;
    std::map<CellIndex, std::vector<size_t>> blocked;
    std::vector<bool> open(attacked.size());
    for (size_t t = 0; t < open.size(); ++t) {
      const AttackedCell& cell = attacked[t];
      if (!Narrow(cell)) continue;
      narrow_[cell.cell] = true;
      for (const CellIndex blocker : cell.blockers) {
        if (!Usable(blocker)) continue;
        blocked[blocker].push_back(t);
        open[t] = true;
      }
      if (!open[t]) stuck = cell.cell;
    }
    using Rank = std::tuple<long, double, CellIndex>;  // the best is the greatest
    const auto rank = [&](CellIndex blocker) -> Rank {
      const std::vector<size_t>& cells = blocked[blocker];
      const auto helps = std::count_if(cells.begin(), cells.end(), [&](size_t t) { return open[t]; });
      return {helps, -model_.cell(blocker).priority, ~blocker};
    };
    std::priority_queue<Rank> best;
    for (const auto& [blocker, cells] : blocked) best.push(rank(blocker));
    while (!best.empty()) {
      const Rank before = best.top();
      const CellIndex blocker = ~std::get<CellIndex>(before);
      best.pop();
      const Rank now = rank(blocker);
      if (std::get<long>(now) == 0) continue;
      if (now != before) {
        best.push(now);
        continue;
      }
      hidden_[blocker] = true;
      for (const size_t t : blocked[blocker]) open[t] = false;
    }
    return stuck;
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
    widening.HideByBounds();
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
