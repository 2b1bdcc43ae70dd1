#include "indicators/disclosure/protection.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

namespace kpr::disclosure {
namespace {

// Hides blockers until each narrow cell has one of its own hidden: those first that block most narrow cells,
// of equal ones what readers miss least. Returns how many; sets `stuck` to a cell that has none.
size_t HideBlockers(const Model& model, const AttackedComponent& component, Hidden& hidden,
                    std::optional<CellIndex>& stuck) {
  std::map<CellIndex, std::vector<size_t>> blocked;
  std::vector<bool> open(component.attacked.size());
  size_t left = 0;
  for (size_t t = 0; t < open.size(); ++t) {
    const AttackedCell& cell = component.attacked[t];
    if (!cell.narrow) continue;
    if (cell.blockers.empty()) stuck = cell.cell;
    open[t] = !cell.blockers.empty();
    left += open[t];
    for (const CellIndex blocker : cell.blockers) blocked[blocker].push_back(t);
  }
  size_t more = 0;
  while (left > 0) {
    CellIndex best = 0;
    size_t most = 0;
    for (const auto& [blocker, cells] : blocked) {
      const auto helps =
          static_cast<size_t>(std::count_if(cells.begin(), cells.end(), [&](size_t t) { return open[t]; }));
      if (helps > most ||
          (helps == most && helps > 0 && model.cell(blocker).priority < model.cell(best).priority)) {
        best = blocker;
        most = helps;
      }
    }
    hidden[best] = true;
    ++more;
    for (const size_t t : blocked[best]) {
      left -= open[t];
      open[t] = false;
    }
  }
  return more;
}

// The same for all components; marks the narrow cells and what was hidden for them.
Result<size_t> HideBlockers(const Model& model, const AttackReport& report, Hidden& hidden,
                            std::vector<bool>& narrow) {
  const Hidden before = hidden;
  narrow.assign(model.cells(), false);
  size_t more = 0;
  std::optional<CellIndex> stuck;
  for (const AttackedComponent& component : report.components) {
    for (const AttackedCell& cell : component.attacked) {
      if (cell.narrow) narrow[cell.cell] = true;
    }
    more += HideBlockers(model, component, hidden, stuck);
  }
  if (more == 0) {
    return FailedPrecondition("cell " + std::to_string(stuck.value_or(0)) +
                              " is hidden, but what must be shown says too much about it");
  }
  for (CellIndex i = 0; i < model.cells(); ++i) {
    if (hidden[i] && !before[i]) narrow[i] = true;
  }
  return more;
}

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
  std::vector<bool> narrow;  // what the last attack found; whatever else is hidden, others stay wide
  for (;;) {
    KPR_ASSIGN_OR_RETURN(protection.report, Attack(model, protection.hidden, attack));
    if (protection.report.Narrow() == 0) {
      if (attack.only == nullptr) break;
      attack.only = nullptr;  // the whole again, for the report
      continue;
    }
    KPR_ASSIGN_OR_RETURN(const size_t more,
                         HideBlockers(model, protection.report, protection.hidden, narrow));
    protection.widened += more;
    attack.only = &narrow;
  }
  for (CellIndex i = 0; i < model.cells(); ++i) {
    if (!protection.hidden[i]) continue;
    if (model.cell(i).showing == Showing::kHidden) ++protection.primary;
    if (model.cell(i).showing == Showing::kCandidate) ++protection.secondary;
  }
  return protection;
}

}  // namespace kpr::disclosure
