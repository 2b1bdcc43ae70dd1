#include "indicators/disclosure/release_history.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace kpr::disclosure {
namespace {

constexpr int64_t kAnyValue = -1'000'000'000;  // below every change

// The variable of a change by a few persons between two values that are both hidden.
CellIndex AddChange(Model& model, CellIndex before, CellIndex after) {
  Cell change;
  change.value = model.cell(after).value - model.cell(before).value;
  change.at_least = kAnyValue;
  change.width = 1;
  change.showing = Showing::kHidden;
  const CellIndex index = model.AddCell(change);
  const Term terms[] = {{index, 1}, {after, -1}, {before, 1}};
  model.AddRelation(terms);
  return index;
}

bool Small(const ReleaseCell& cell, int64_t change) {
  return cell.small_change > 0 && std::abs(change) <= cell.small_change;
}

// A cell that may be shown by the rules, or not at all by this release.
Showing ShowingIn(const ReleaseCell& released, Showing showing) {
  return released.never_shown && showing == Showing::kCandidate ? Showing::kUnknown : showing;
}

// Itself it could be seen, but not the change.
void Hold(Cell& cell) {
  if (cell.showing != Showing::kHidden) cell.width = 1;
  cell.showing = Showing::kHidden;
}

// What was not shown so far obeys the rules of today too.
void Tighten(const ReleaseCell& released, Cell& cell) {
  if (cell.showing == Showing::kShown) return;
  const Cell& today = released.cell;
  if (today.showing == Showing::kHidden) cell.showing = Showing::kHidden;
  if (cell.showing == Showing::kUnknown && today.showing == Showing::kCandidate)
    cell.showing = Showing::kCandidate;
  cell.showing = ShowingIn(released, cell.showing);
  cell.width = std::max(cell.width, today.width);
  cell.single = cell.single || today.single;
}

template <typename Holds>
bool AnyPart(const ReleaseRelation& relation, Holds holds) {
  return std::any_of(relation.terms.begin(), relation.terms.end(),
                     [&](const Term& term) { return term.factor > 0 && holds(term.cell); });
}

// What tables have in common may be seen later than the tables.
bool HasRelation(const Model& model, const std::vector<Term>& terms, bool equal) {
  const auto of_first = model.relations_of(terms.front().cell);
  return std::any_of(of_first.begin(), of_first.end(), [&](uint32_t index) {
    const Relation relation = model.relation(index);
    return relation.equal == equal &&
           std::equal(relation.terms.begin(), relation.terms.end(), terms.begin(), terms.end(),
                      [](const Term& a, const Term& b) { return a.cell == b.cell && a.factor == b.factor; });
  });
}

}  // namespace

// Whether the last release that one was in is the last of the other too.
bool ReleaseHistory::WereReleasedTogether(const std::string& key, const std::string& other) const {
  const auto one = known_.find(key), two = known_.find(other);
  return one != known_.end() && two != known_.end() && one->second.release == two->second.release;
}

// The cells that are without one that was in them in their last release, or have one in that was not; and the
// sums of such. Where another release of other tables came in between, that is not known, and they are taken
// for what they were.
std::vector<bool> ReleaseHistory::PartsChanged(const ReleaseTables& tables) const {
  std::vector<bool> parts_changed(tables.cells.size());
  for (size_t i = 0; i < parts_changed.size(); ++i) {
    const ReleaseCell& cell = tables.cells[i];
    parts_changed[i] =
        std::any_of(cell.missing_parts.begin(), cell.missing_parts.end(),
                    [&](const std::string& part) { return WereReleasedTogether(cell.key, part); });
  }
  for (bool more = true; more;) {
    more = false;
    for (const ReleaseRelation& relation : tables.relations) {
      if (!relation.equal || relation.found) continue;
      for (const Term& term : relation.terms) {
        if (term.factor > 0 || parts_changed[term.cell]) continue;
        const std::string& sum = tables.cells[term.cell].key;
        const auto entry = known_.find(sum);
        if (entry == known_.end()) continue;
        const std::vector<std::string>& missed = entry->second.missing_parts;
        if (!AnyPart(relation, [&](CellIndex part) {
              const std::string& key = tables.cells[part].key;
              return (!missed.empty() && std::binary_search(missed.begin(), missed.end(), key)) ||
                     (parts_changed[part] && WereReleasedTogether(sum, key));
            }))
          continue;
        parts_changed[term.cell] = more = true;
      }
    }
  }
  return parts_changed;
}

// The sums that no release had, of which readers saw all parts, and which together are a few persons more or
// less now than what they saw.
std::vector<bool> ReleaseHistory::TellsSmallChange(const ReleaseTables& tables) const {
  std::vector<bool> tells(tables.cells.size());
  for (const ReleaseRelation& relation : tables.relations) {
    if (!relation.equal || relation.found) continue;
    const auto whole = std::find_if(relation.terms.begin(), relation.terms.end(),
                                    [](const Term& term) { return term.factor < 0; });
    if (whole == relation.terms.end() || known_.contains(tables.cells[whole->cell].key)) continue;
    int64_t change = 0;
    const bool seen = std::all_of(relation.terms.begin(), relation.terms.end(), [&](const Term& term) {
      if (term.factor < 0) return true;
      const auto part = known_.find(tables.cells[term.cell].key);
      if (part == known_.end() || !part->second.last_shown) return false;
      change += tables.cells[term.cell].cell.value - *part->second.last_shown;
      return true;
    });
    if (seen && change != 0 && Small(tables.cells[whole->cell], change)) tells[whole->cell] = true;
  }
  return tells;
}

// By how much those changed that were in a sum before and still are, or that are in a new one. Of few persons
// it is a small change like that of any other cell.
class ReleaseHistory::ChangesOfCommonParts {
 public:
  ChangesOfCommonParts(const ReleaseHistory& history, const ReleaseTables& tables,
                       const std::vector<bool>& parts_changed, const Variables& variables, Model& model)
      : history_(history),
        tables_(tables),
        parts_changed_(parts_changed),
        variables_(variables),
        model_(model),
        changes_(parts_changed.size()) {
    for (const ReleaseRelation& relation : tables.relations) {
      const auto whole = std::find_if(relation.terms.begin(), relation.terms.end(),
                                      [](const Term& term) { return term.factor < 0; });
      if (relation.equal && !relation.found && whole != relation.terms.end() &&
          (parts_changed[whole->cell] || New(whole->cell)) && Usable(relation, whole->cell))
        sum_.emplace(whole->cell, &relation);
    }
  }

  void Add() {
    for (const auto& [whole, relation] : sum_) (void)Of(whole);
  }

 private:
  // Whoever adds up what was shown of the parts knows the sum all the same.
  bool New(CellIndex cell) const { return !history_.known_.contains(tables_.cells[cell].key); }
  bool WasIn(CellIndex whole, CellIndex part) const {
    if (New(whole)) return true;
    const auto& missed = history_.known_.at(tables_.cells[whole].key).missing_parts;
    return !std::binary_search(missed.begin(), missed.end(), tables_.cells[part].key);
  }
  // Where some are in two parts, nobody knows the sum of those that are in both releases.
  bool Usable(const ReleaseRelation& relation, CellIndex whole) const {
    return std::all_of(relation.terms.begin(), relation.terms.end(), [&](const Term& term) {
      if (term.factor < 0) return term.cell == whole;
      if (New(whole)) return !New(term.cell);
      return !WasIn(whole, term.cell) ||
             history_.WereReleasedTogether(tables_.cells[whole].key, tables_.cells[term.cell].key);
    });
  }
  // The variable of the change. None: it cannot be made of those of parts.
  std::optional<CellIndex> Of(CellIndex whole) {
    if (changes_[whole]) return *changes_[whole];
    changes_[whole].emplace();
    const auto relation = sum_.find(whole);
    if (relation == sum_.end()) return {};
    std::vector<Term> terms;
    Cell change;
    change.value = 0;
    for (const Term& term : relation->second->terms) {
      if (term.factor < 0 || !WasIn(whole, term.cell)) continue;
      if (parts_changed_[term.cell]) {
        const auto of_part = Of(term.cell);
        if (!of_part) return {};
        Put({*of_part, 1}, terms, change);
      } else if (variables_.before[term.cell]) {
        Put({variables_.of_cell[term.cell], 1}, terms, change);
        Put({*variables_.before[term.cell], -1}, terms, change);
      }
    }
    const int64_t small_change = tables_.cells[whole].small_change;
    change.at_least = kAnyValue;
    change.width = 1;
    change.showing =
        change.value != 0 && std::abs(change.value) <= small_change ? Showing::kHidden : Showing::kUnknown;
    const CellIndex index = model_.AddCell(change);
    terms.push_back({index, -1});
    model_.AddRelation(terms);
    changes_[whole] = index;
    return index;
  }

  void Put(Term term, std::vector<Term>& terms, Cell& change) const {
    terms.push_back(term);
    change.value += term.factor * model_.cell(term.cell).value;
  }

  const ReleaseHistory& history_;
  const ReleaseTables& tables_;
  const std::vector<bool>& parts_changed_;
  const Variables& variables_;
  Model& model_;
  std::map<CellIndex, const ReleaseRelation*> sum_;
  std::vector<std::optional<std::optional<CellIndex>>> changes_;
};

ReleaseHistory::Variables ReleaseHistory::AddVariables(const ReleaseTables& tables, Model& model) const {
  Variables variables;
  std::vector<bool> fresh;
  const std::vector<bool> parts_changed = PartsChanged(tables);
  const std::vector<bool> tells = TellsSmallChange(tables);
  for (size_t i = 0; i < tables.cells.size(); ++i) {
    const ReleaseCell& released = tables.cells[i];
    const auto entry = known_.find(released.key);
    if (entry != known_.end() && !parts_changed[i] &&
        model.cell(entry->second.current).value == released.cell.value) {
      variables.of_cell.push_back(entry->second.current);
      fresh.push_back(false);
      variables.before.emplace_back();
      Tighten(released, model.cell(entry->second.current));
      continue;
    }
    Cell cell = released.cell;
    if (entry == known_.end()) {
      if (tells[i]) Hold(cell);
      cell.showing = ShowingIn(released, cell.showing);
      variables.of_cell.push_back(model.AddCell(cell));
      if (tells[i]) variables.parts_changed.push_back(variables.of_cell.back());
      variables.before.emplace_back();
      fresh.push_back(true);
      continue;
    }
    const CellIndex before = entry->second.current;
    const bool was_shown = model.cell(before).showing == Showing::kShown;
    const std::optional<int64_t> seen = entry->second.last_shown;
    const bool compared = cell.showing != Showing::kUnknown;
    // What readers see stays.
    if (compared && seen && Small(released, cell.value - *seen) &&
        !(parts_changed[i] && cell.value == *seen)) {
      Hold(cell);
    }
    cell.showing = ShowingIn(released, cell.showing);
    const CellIndex after = model.AddCell(cell);
    if (parts_changed[i]) variables.parts_changed.push_back(after);
    // Of what readers do not see, the change alone must not follow.
    if (compared && !was_shown && Small(released, cell.value - model.cell(before).value) &&
        cell.value != model.cell(before).value) {
      const CellIndex change = AddChange(model, before, after);
      if (parts_changed[i]) variables.parts_changed.push_back(change);
    }
    variables.superseded.push_back(before);
    variables.before.emplace_back(before);
    variables.of_cell.push_back(after);
    fresh.push_back(true);
  }
  for (const ReleaseRelation& relation : tables.relations) {
    std::vector<Term> terms;
    for (const Term& term : relation.terms) terms.push_back({variables.of_cell[term.cell], term.factor});
    std::sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) { return a.cell < b.cell; });
    const bool old = std::none_of(relation.terms.begin(), relation.terms.end(),
                                  [&](const Term& term) { return fresh[term.cell]; });
    if (!old || !HasRelation(model_, terms, relation.equal)) model.AddRelation(terms, relation.equal);
  }
  const auto first = static_cast<CellIndex>(model.cells());
  ChangesOfCommonParts(*this, tables, parts_changed, variables, model).Add();
  for (CellIndex change = first; change < model.cells(); ++change) variables.parts_changed.push_back(change);
  for (const CellIndex cell : variables.superseded) {
    if (model.cell(cell).showing == Showing::kCandidate) model.cell(cell).showing = Showing::kUnknown;
  }
  model.Finish();
  return variables;
}

// A sum without a part that it had may follow from what was shown of the sum and the part then. Whatever this
// release hides, that stays so: the figure is not shown, and cannot be protected. False: there is none.
bool ReleaseHistory::LeaveUnprotected(const Variables& variables, Model& model) const {
  std::set<CellIndex> may_be = parts_changed_;
  may_be.insert(variables.parts_changed.begin(), variables.parts_changed.end());
  if (may_be.empty()) return false;
  bool left = false;
  for (const CellIndex cell : CannotBeHidden(model)) {
    if (!may_be.contains(cell)) continue;
    model.cell(cell).showing = Showing::kUnknown;
    left = true;
  }
  return left;
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
    known.release = releases_;
    known.missing_parts = tables.cells[i].missing_parts;
    known.current = variables.of_cell[i];
    if (shown[i] != Shown::kValue) continue;
    known.last_shown = tables.cells[i].cell.value;
    model.cell(known.current).showing = Showing::kShown;
  }
  parts_changed_.insert(variables.parts_changed.begin(), variables.parts_changed.end());
  ++releases_;
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
  Model protectable = model;
  auto ever = Suppress(protectable, suppression);
  if (!ever.ok() && ever.status().code() == Code::kFailedPrecondition &&
      LeaveUnprotected(variables, protectable)) {
    ever = Suppress(protectable, suppression);
  }
  KPR_RETURN_IF_ERROR(ever.status());
  Hidden now;
  for (const CellIndex cell : variables.of_cell) now.push_back((*ever)[cell]);
  KPR_ASSIGN_OR_RETURN(
      const Protection protection,
      HideUntilWide(ReleaseAlone(tables, variables, protectable), std::move(now), options.attack));
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
