#include "indicators/disclosure/release_history.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace kpr::disclosure {
namespace {

constexpr int64_t kAnyValue = -1'000'000'000;  // below every change

// The variable of a change by a few persons between two values that are both hidden.
void AddChange(Model& model, CellIndex before, CellIndex after) {
  Cell change;
  change.value = model.cell(after).value - model.cell(before).value;
  change.at_least = kAnyValue;
  change.width = 1;
  change.showing = Showing::kHidden;
  const CellIndex index = model.AddCell(change);
  const Term terms[] = {{index, 1}, {after, -1}, {before, 1}};
  model.AddRelation(terms);
}

// What was not shown so far obeys the rules of today too.
void Tighten(const Cell& today, Cell& cell) {
  if (cell.showing == Showing::kShown) return;
  if (today.showing == Showing::kHidden) cell.showing = Showing::kHidden;
  cell.width = std::max(cell.width, today.width);
  cell.single = cell.single || today.single;
}

}  // namespace

ReleaseHistory::Variables ReleaseHistory::AddVariables(const ReleaseTables& tables, Model& model) const {
  Variables variables;
  std::vector<bool> fresh;
  for (const ReleaseCell& released : tables.cells) {
    const auto entry = known_.find(released.key);
    if (entry != known_.end() && model.cell(entry->second.current).value == released.cell.value) {
      variables.of_cell.push_back(entry->second.current);
      fresh.push_back(false);
      Tighten(released.cell, model.cell(entry->second.current));
      continue;
    }
    Cell cell = released.cell;
    if (entry == known_.end()) {
      variables.of_cell.push_back(model.AddCell(cell));
      fresh.push_back(true);
      continue;
    }
    const CellIndex before = entry->second.current;
    const bool was_shown = model.cell(before).showing == Showing::kShown;
    const int64_t compared = entry->second.last_shown.value_or(model.cell(before).value);
    const bool small = cell.showing != Showing::kUnknown && released.small_change > 0 &&
                       std::abs(cell.value - compared) <= released.small_change;
    // What readers see stays; of a cell that was never shown, the change alone must not follow.
    if (small && entry->second.last_shown) {
      if (cell.showing != Showing::kHidden) cell.width = 1;  // itself it could be seen, but not the change
      cell.showing = Showing::kHidden;
    }
    const CellIndex after = model.AddCell(cell);
    if (small && !was_shown && model.cell(before).showing != Showing::kUnknown && cell.value != compared) {
      AddChange(model, before, after);
    }
    variables.superseded.push_back(before);
    variables.of_cell.push_back(after);
    fresh.push_back(true);
  }
  // A relation between values that were all there before is in the model already.
  for (const ReleaseRelation& relation : tables.relations) {
    if (std::none_of(relation.terms.begin(), relation.terms.end(),
                     [&](const Term& term) { return fresh[term.cell]; })) {
      continue;
    }
    std::vector<Term> terms;
    for (const Term& term : relation.terms) terms.push_back({variables.of_cell[term.cell], term.factor});
    model.AddRelation(terms, relation.equal);
  }
  for (const CellIndex cell : variables.superseded) {
    if (model.cell(cell).showing == Showing::kCandidate) model.cell(cell).showing = Showing::kUnknown;
  }
  model.Finish();
  return variables;
}

Model ReleaseHistory::ReleaseAlone(const ReleaseTables& tables, const Variables& variables,
                                   const Model& model) {
  Model alone;
  for (const CellIndex cell : variables.of_cell) alone.AddCell(model.cell(cell));
  for (const ReleaseRelation& relation : tables.relations) alone.AddRelation(relation.terms, relation.equal);
  alone.Finish();
  return alone;
}

void ReleaseHistory::Remember(const ReleaseTables& tables, const Variables& variables,
                              const std::vector<Shown>& shown, Model model) {
  for (size_t i = 0; i < tables.cells.size(); ++i) {
    Known& known = known_[tables.cells[i].key];
    known.current = variables.of_cell[i];
    if (shown[i] != Shown::kValue) continue;
    known.last_shown = tables.cells[i].cell.value;
    model.cell(known.current).showing = Showing::kShown;
  }
  model_ = std::move(model);
}

Result<std::vector<Shown>> ReleaseHistory::Next(const ReleaseTables& tables,
                                                const ProtectionOptions& options) {
  Model model = model_;
  const Variables variables = AddVariables(tables, model);
  SuppressionOptions suppression = options.suppression;
  suppression.name = [&](CellIndex cell) {
    const auto at = std::find(variables.of_cell.begin(), variables.of_cell.end(), cell);
    return at == variables.of_cell.end()
               ? std::string("a figure of an earlier release")
               : NameOf(options.attack.name, static_cast<CellIndex>(at - variables.of_cell.begin()));
  };
  // No value that ever was follows from all that was ever shown; and what is hidden now is wide enough.
  KPR_ASSIGN_OR_RETURN(const Hidden ever, Suppress(model, suppression));
  Hidden now;
  for (const CellIndex cell : variables.of_cell) now.push_back(ever[cell]);
  KPR_ASSIGN_OR_RETURN(const Protection protection,
                       HideUntilWide(ReleaseAlone(tables, variables, model), std::move(now), options.attack));
  std::vector<Shown> shown;
  for (size_t i = 0; i < tables.cells.size(); ++i) {
    const auto entry = known_.find(tables.cells[i].key);
    const bool former = entry != known_.end() && entry->second.last_shown;
    shown.push_back(!protection.hidden[i] ? Shown::kValue : former ? Shown::kFormer : Shown::kHidden);
  }
  Remember(tables, variables, shown, std::move(model));
  return shown;
}

void ReleaseHistory::Add(const ReleaseTables& tables, const std::vector<Shown>& shown) {
  Model model = model_;
  const Variables variables = AddVariables(tables, model);
  Remember(tables, variables, shown, std::move(model));
}

std::optional<int64_t> ReleaseHistory::LastShown(const std::string& key) const {
  const auto entry = known_.find(key);
  return entry == known_.end() ? std::nullopt : entry->second.last_shown;
}

Hidden ReleaseHistory::hidden() const {
  Hidden hidden(model_.cells());
  for (CellIndex i = 0; i < model_.cells(); ++i) hidden[i] = model_.cell(i).showing != Showing::kShown;
  return hidden;
}

}  // namespace kpr::disclosure
