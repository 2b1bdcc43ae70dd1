#include "indicators/disclosure/release_history.h"

#include <algorithm>
#include <cstdlib>
#include <map>
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

bool Small(const ReleaseCell& cell, int64_t change) {
  return cell.small_change > 0 && std::abs(change) <= cell.small_change;
}

// What was not shown so far obeys the rules of today too.
void Tighten(const Cell& today, Cell& cell) {
  if (cell.showing == Showing::kShown) return;
  if (today.showing == Showing::kHidden) cell.showing = Showing::kHidden;
  cell.width = std::max(cell.width, today.width);
  cell.single = cell.single || today.single;
}

template <typename Holds>
bool AnyPart(const ReleaseRelation& relation, Holds holds) {
  return std::any_of(relation.terms.begin(), relation.terms.end(),
                     [&](const Term& term) { return term.factor > 0 && holds(term.cell); });
}

}  // namespace

bool ReleaseHistory::WasWithout(const std::string& sum, const std::string& part) const {
  const auto entry = known_.find(sum);
  return entry != known_.end() &&
         std::binary_search(entry->second.without.begin(), entry->second.without.end(), part);
}

// Whether the last release that one was in is the last of the other too.
bool ReleaseHistory::WereReleasedTogether(const std::string& key, const std::string& other) const {
  const auto one = known_.find(key), two = known_.find(other);
  return one != known_.end() && two != known_.end() && one->second.release == two->second.release;
}

// The cells that are without one that was in them in their last release, or have one in that was not; and the
// sums of such. Where another release of other tables came in between, that is not known, and they are taken
// for what they were.
std::vector<bool> ReleaseHistory::SumsOfOthers(const ReleaseTables& tables) const {
  std::vector<bool> of_others(tables.cells.size());
  for (size_t i = 0; i < of_others.size(); ++i) {
    const ReleaseCell& cell = tables.cells[i];
    of_others[i] = std::any_of(cell.without.begin(), cell.without.end(),
                               [&](const std::string& part) { return WereReleasedTogether(cell.key, part); });
  }
  for (bool more = true; more;) {
    more = false;
    for (const ReleaseRelation& relation : tables.relations) {
      if (!relation.equal) continue;
      for (const Term& term : relation.terms) {
        const std::string& sum = tables.cells[term.cell].key;
        if (term.factor > 0 || of_others[term.cell] || !known_.contains(sum)) continue;
        if (!AnyPart(relation, [&](CellIndex part) {
              const std::string& key = tables.cells[part].key;
              return WasWithout(sum, key) || (of_others[part] && WereReleasedTogether(sum, key));
            }))
          continue;
        of_others[term.cell] = more = true;
      }
    }
  }
  return of_others;
}

// By how much those changed that were in a sum before and still are. Of few persons it is a small change like
// that of any other cell.
class ReleaseHistory::KeptChanges {
 public:
  KeptChanges(const ReleaseHistory& history, const ReleaseTables& tables, const std::vector<bool>& of_others,
              const Variables& variables, Model& model)
      : history_(history),
        tables_(tables),
        of_others_(of_others),
        variables_(variables),
        model_(model),
        changes_(of_others.size()) {
    for (const ReleaseRelation& relation : tables.relations) {
      const auto whole = std::find_if(relation.terms.begin(), relation.terms.end(),
                                      [](const Term& term) { return term.factor < 0; });
      if (relation.equal && whole != relation.terms.end() && of_others[whole->cell] &&
          Usable(relation, whole->cell))
        sum_.emplace(whole->cell, &relation);
    }
  }

  void Add() {
    for (const auto& [whole, relation] : sum_) (void)Of(whole);
  }

 private:
  bool WasIn(CellIndex whole, CellIndex part) const {
    return !history_.WasWithout(tables_.cells[whole].key, tables_.cells[part].key);
  }
  // Where some are in two parts, nobody knows the sum of those that are in both releases.
  bool Usable(const ReleaseRelation& relation, CellIndex whole) const {
    return std::all_of(relation.terms.begin(), relation.terms.end(), [&](const Term& term) {
      if (term.factor < 0) return term.cell == whole;
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
      if (of_others_[term.cell]) {
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
  const std::vector<bool>& of_others_;
  const Variables& variables_;
  Model& model_;
  std::map<CellIndex, const ReleaseRelation*> sum_;
  std::vector<std::optional<std::optional<CellIndex>>> changes_;
};

ReleaseHistory::Variables ReleaseHistory::AddVariables(const ReleaseTables& tables, Model& model) const {
  Variables variables;
  std::vector<bool> fresh;
  const std::vector<bool> of_others = SumsOfOthers(tables);
  for (size_t i = 0; i < tables.cells.size(); ++i) {
    const ReleaseCell& released = tables.cells[i];
    const auto entry = known_.find(released.key);
    if (entry != known_.end() && !of_others[i] &&
        model.cell(entry->second.current).value == released.cell.value) {
      variables.of_cell.push_back(entry->second.current);
      fresh.push_back(false);
      variables.before.emplace_back();
      Tighten(released.cell, model.cell(entry->second.current));
      continue;
    }
    Cell cell = released.cell;
    if (entry == known_.end()) {
      variables.of_cell.push_back(model.AddCell(cell));
      variables.before.emplace_back();
      fresh.push_back(true);
      continue;
    }
    const CellIndex before = entry->second.current;
    const bool was_shown = model.cell(before).showing == Showing::kShown;
    const std::optional<int64_t> seen = entry->second.last_shown;
    const bool compared = cell.showing != Showing::kUnknown && !of_others[i];
    // What readers see stays.
    if (compared && seen && Small(released, cell.value - *seen)) {
      if (cell.showing != Showing::kHidden) cell.width = 1;  // itself it could be seen, but not the change
      cell.showing = Showing::kHidden;
    }
    const CellIndex after = model.AddCell(cell);
    if (of_others[i]) variables.of_others.insert(after);
    // Of what readers do not see, the change alone must not follow.
    if (compared && !was_shown && model.cell(before).showing != Showing::kUnknown &&
        Small(released, cell.value - model.cell(before).value)) {
      AddChange(model, before, after);
    }
    variables.superseded.push_back(before);
    variables.before.emplace_back(before);
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
  const auto first = static_cast<CellIndex>(model.cells());
  KeptChanges(*this, tables, of_others, variables, model).Add();
  for (CellIndex change = first; change < model.cells(); ++change) variables.of_others.insert(change);
  for (const CellIndex cell : variables.superseded) {
    if (model.cell(cell).showing == Showing::kCandidate) model.cell(cell).showing = Showing::kUnknown;
  }
  model.Finish();
  return variables;
}

// A sum without one that was in it before may follow from what was shown then, that one among it. Nothing
// that is shown or hidden now changes it: such is hidden and no more. False: there is none.
bool ReleaseHistory::Concede(const Variables& variables, Model& model) {
  bool conceded = false;
  for (const CellIndex cell : CannotBeHidden(model)) {
    if (!variables.of_others.contains(cell)) continue;
    model.cell(cell).showing = Showing::kUnknown;
    conceded = true;
  }
  return conceded;
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
    known.without = tables.cells[i].without;
    known.current = variables.of_cell[i];
    if (shown[i] != Shown::kValue) continue;
    known.last_shown = tables.cells[i].cell.value;
    model.cell(known.current).showing = Showing::kShown;
  }
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
  auto ever = Suppress(model, suppression);
  if (!ever.ok() && ever.status().code() == Code::kFailedPrecondition && Concede(variables, model)) {
    ever = Suppress(model, suppression);
  }
  KPR_RETURN_IF_ERROR(ever.status());
  Hidden now;
  for (const CellIndex cell : variables.of_cell) now.push_back((*ever)[cell]);
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
