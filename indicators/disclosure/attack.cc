#include "indicators/disclosure/attack.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "indicators/disclosure/elimination.h"
#include "indicators/disclosure/linear_program.h"

namespace kpr::disclosure {
namespace {

constexpr uint64_t kAttackSeed = 0x617474;
constexpr double kTolerance = 1e-6;  // of the solver's values

// The attack on one component: keeps the least and greatest value seen for each cell over all solutions.
class Attacker {
 public:
  Attacker(const Model& model, const Hidden& hidden, AttackedComponent& component,
           const AttackOptions& options)
      : model_(model), hidden_(hidden), component_(component), options_(options), random_(kAttackSeed) {}

  Status Run() {
    FindTargets();
    if (component_.attacked.empty()) return {};
    KPR_RETURN_IF_ERROR(Load());
    KPR_RETURN_IF_ERROR(Filter());
    return FindRest();
  }
  size_t programmes() const { return programmes_; }

 private:
  bool Wide(const AttackedCell& cell) const {
    return cell.upper - cell.lower >= model_.cell(cell.cell).width - kTolerance;
  }

  void FindTargets() {
    const std::vector<CellIndex>& cells = component_.cells;
    const std::vector<Field> changes = Elimination(model_, cells).Sample(1, random_);
    for (size_t i = 0; i < cells.size(); ++i) {
      if (model_.cell(cells[i]).showing == Showing::kUnknown) continue;
      if (options_.only != nullptr && !(*options_.only)[cells[i]]) continue;
      AttackedCell attacked{cells[i], std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity()};
      attacked.exact = changes[i].zero();
      component_.attacked.push_back(attacked);
      position_.push_back(i);
    }
  }

  Status Load() {
    const std::vector<CellIndex>& cells = component_.cells;
    std::vector<uint32_t> relations = RelationsOf(model_, cells);
    std::vector<LinearProgram::Row> rows;
    double most = 1000;
    for (const uint32_t index : relations) {
      const Relation relation = model_.relation(index);
      LinearProgram::Row row;
      double shown = 0;
      for (const Term& term : relation.terms) {
        if (!hidden_[term.cell]) {
          shown += static_cast<double>(term.factor) * static_cast<double>(model_.cell(term.cell).value);
          continue;
        }
        const auto at = std::lower_bound(cells.begin(), cells.end(), term.cell);
        row.variables.push_back(static_cast<int>(at - cells.begin()));
        row.factors.push_back(term.factor);
      }
      row.upper = -shown;
      row.lower = relation.equal ? -shown : -std::numeric_limits<double>::max();
      most = std::max(most, 10 * std::abs(shown));
      rows.push_back(std::move(row));
    }
    std::vector<double> lower, upper(cells.size(), most);
    for (const CellIndex cell : cells) lower.push_back(static_cast<double>(model_.cell(cell).at_least));
    relations_ = std::move(relations);
    programme_.emplace(lower, upper, rows);
    weights_.assign(cells.size(), 0);
    return {};
  }

  // Solves for the weights and lets every cell learn from the solution.
  Status Solve() {
    ++programmes_;
    if (!programme_->Maximise(weights_)) {
      return Invalid("no counts agree with what is shown beside cell " +
                     std::to_string(component_.cells.front()));
    }
    const auto values = programme_->values();
    const auto witness = static_cast<uint32_t>(component_.witnesses.size());
    bool used = false;
    for (size_t t = 0; t < position_.size(); ++t) {
      AttackedCell& cell = component_.attacked[t];
      const double value = values[position_[t]];
      if (value < cell.lower - kTolerance && (options_.intervals || !Wide(cell))) {
        cell.lower = value;
        cell.lower_witness = witness;
        used = true;
      }
      if (value > cell.upper + kTolerance && (options_.intervals || !Wide(cell))) {
        cell.upper = value;
        cell.upper_witness = witness;
        used = true;
      }
    }
    if (used) component_.witnesses.emplace_back(values.begin(), values.end());
    return {};
  }

  size_t Open() const {
    return static_cast<size_t>(std::count_if(component_.attacked.begin(), component_.attacked.end(),
                                             [&](const AttackedCell& cell) { return !Wide(cell); }));
  }

  // Sums of many cells at once: most cells are seen far apart after a few solutions.
  Status Filter() {
    size_t open = component_.attacked.size();
    for (int round = 0; open > 8 || round == 0; ++round) {
      for (const double sign : {1.0, -1.0}) {
        if (sign > 0) Weigh(round);
        if (sign < 0)
          for (double& weight : weights_) weight = -weight;
        KPR_RETURN_IF_ERROR(Solve());
      }
      const size_t left = Open();
      if (round > 0 && open - left < 4) break;
      open = left;
    }
    return {};
  }
  void Weigh(int round) {
    std::fill(weights_.begin(), weights_.end(), 0);
    for (size_t t = 0; t < position_.size(); ++t) {
      if (Wide(component_.attacked[t])) continue;
      weights_[position_[t]] = round == 0 || (random_.Next() & 1) ? 1 : -1;
    }
  }

  // One cell after the other.
  Status FindRest() {
    for (size_t t = 0; t < position_.size(); ++t) {
      AttackedCell& cell = component_.attacked[t];
      std::set<CellIndex> blockers;
      for (const double sign : {1.0, -1.0}) {
        if (!options_.intervals && Wide(cell)) continue;
        std::fill(weights_.begin(), weights_.end(), 0);
        weights_[position_[t]] = sign;
        KPR_RETURN_IF_ERROR(Solve());
        if (options_.blockers) FindBlockers(blockers);
      }
      cell.exact = cell.exact || cell.upper - cell.lower < kTolerance;
      cell.narrow = cell.exact || !Wide(cell);
      if (cell.narrow) cell.blockers.assign(blockers.begin(), blockers.end());
    }
    return {};
  }

  // What binds the last solution: shown cells whose column has a price.
  void FindBlockers(std::set<CellIndex>& blockers) const {
    const auto prices = programme_->prices();
    std::map<CellIndex, double> worth;
    for (size_t row = 0; row < relations_.size(); ++row) {
      if (std::abs(prices[row]) < kTolerance) continue;
      for (const Term& term : model_.relation(relations_[row]).terms) {
        if (!hidden_[term.cell] && model_.cell(term.cell).showing == Showing::kCandidate) {
          worth[term.cell] += prices[row] * term.factor;
        }
      }
    }
    for (const auto& [cell, price] : worth) {
      if (std::abs(price) > kTolerance) blockers.insert(cell);
    }
  }

  const Model& model_;
  const Hidden& hidden_;
  AttackedComponent& component_;
  const AttackOptions& options_;
  Random random_;
  std::vector<uint32_t> relations_;  // the rows of the programme
  std::vector<size_t> position_;     // of the attacked cells in the component
  std::optional<LinearProgram> programme_;
  std::vector<double> weights_;
  size_t programmes_ = 0;
};

// Relations without a hidden cell must hold as they are.
Status CheckShown(const Model& model, const Hidden& hidden, const CellNamer& namer) {
  for (size_t r = 0; r < model.relations(); ++r) {
    const Relation relation = model.relation(r);
    int64_t sum = 0;
    bool shown = true;
    for (const Term& term : relation.terms) {
      shown = shown && !hidden[term.cell];
      if (shown) sum += term.factor * model.cell(term.cell).value;
    }
    if (shown && (relation.equal ? sum != 0 : sum > 0)) {
      return Invalid("shown figures contradict each other: " + NameOf(namer, relation.terms.front().cell) +
                     " and what it is the sum of differ by " + std::to_string(std::abs(sum)));
    }
  }
  return {};
}

}  // namespace

size_t AttackReport::Exact() const {
  size_t count = 0;
  for (const AttackedComponent& component : components) {
    for (const AttackedCell& cell : component.attacked) count += cell.exact;
  }
  return count;
}

size_t AttackReport::Narrow() const {
  size_t count = 0;
  for (const AttackedComponent& component : components) {
    for (const AttackedCell& cell : component.attacked) count += cell.narrow;
  }
  return count;
}

Result<AttackedComponent> AttackComponent(const Model& model, const Hidden& hidden,
                                          std::vector<CellIndex> cells, const AttackOptions& options,
                                          size_t& programmes) {
  AttackedComponent component{std::move(cells), {}, {}};
  Attacker attacker(model, hidden, component, options);
  KPR_RETURN_IF_ERROR(attacker.Run());
  programmes += attacker.programmes();
  return component;
}

Result<AttackReport> Attack(const Model& model, const Hidden& hidden, const AttackOptions& options) {
  KPR_RETURN_IF_ERROR(CheckShown(model, hidden, options.name));
  AttackReport report;
  for (auto& cells : Components(model, hidden)) {
    KPR_ASSIGN_OR_RETURN(AttackedComponent component,
                         AttackComponent(model, hidden, std::move(cells), options, report.programmes));
    report.components.push_back(std::move(component));
  }
  return report;
}

}  // namespace kpr::disclosure
