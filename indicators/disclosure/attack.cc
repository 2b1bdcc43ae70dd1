#include "indicators/disclosure/attack.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "indicators/disclosure/elimination.h"
#include "indicators/disclosure/piece.h"

namespace kpr::disclosure {
namespace {

constexpr uint64_t kAttackSeed = 0x617474;
constexpr double kTolerance = 1e-6;  // of the solver's values
constexpr size_t kFew = 8;           // cells that are attacked one by one
constexpr uint32_t kNone = ~uint32_t{0};

// The attack on one component: keeps the least and greatest value seen for each cell over all solutions.
class Attacker {
 public:
  Attacker(const Model& model, const Hidden& hidden, AttackedComponent& component,
           const AttackOptions& options)
      : model_(model),
        component_(component),
        options_(options),
        random_(kAttackSeed),
        cutter_(model, hidden, component.cells),
        hidden_(hidden) {}

  Status Run() {
    FindTargets();
    if (component_.attacked.empty()) return {};
    whole_.emplace(*this, cutter_.Whole());
    KPR_RETURN_IF_ERROR(Filter(*whole_));
    if (component_.cells.size() > options_.near && !options_.intervals && Open(*whole_) > 0) {
      for (const double sum : sum_) component_.solution.push_back(sum / static_cast<double>(solutions_));
      AttackNear();
      KPR_RETURN_IF_ERROR(Filter(*whole_));
    }
    return FindRest();
  }
  size_t programmes() const { return programmes_; }

 private:
  // A piece of the component as a programme, with the attacked cells in it.
  struct Search {
    Search(Attacker& attacker, Piece of)
        : piece(std::move(of)),
          programme(attacker.cutter_.Programme(piece, attacker.component_.solution)),
          weights(piece.places.size()) {
      for (size_t i = 0; i < piece.places.size(); ++i) {
        if (attacker.target_at_[piece.places[i]] != kNone)
          targets.emplace_back(i, attacker.target_at_[piece.places[i]]);
      }
    }
    Piece piece;
    LinearProgram programme;
    std::vector<double> weights;
    std::vector<std::pair<size_t, uint32_t>> targets;  // place in the piece, number of the attacked cell
  };

  bool Wide(const AttackedCell& cell) const {
    return cell.upper - cell.lower >= model_.cell(cell.cell).width - kTolerance;
  }
  // Nothing more is to be found out about it.
  bool Settled(const AttackedCell& cell) const { return (Wide(cell) && !options_.intervals) || cell.narrow; }

  void FindTargets() {
    const std::vector<CellIndex>& cells = component_.cells;
    const std::vector<Field> changes = Elimination(model_, cells).Sample(1, random_);
    target_at_.assign(cells.size(), kNone);
    for (size_t i = 0; i < cells.size(); ++i) {
      if (model_.cell(cells[i]).showing == Showing::kUnknown || model_.cell(cells[i]).width == 0) continue;
      if (options_.only != nullptr && !(*options_.only)[cells[i]]) continue;
      AttackedCell attacked{cells[i], std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity()};
      attacked.exact = changes[i].zero();
      target_at_[i] = static_cast<uint32_t>(component_.attacked.size());
      component_.attacked.push_back(attacked);
    }
  }

  Status Contradiction() const {
    return Invalid("no counts agree with what is shown beside cell " +
                   std::to_string(component_.cells.front()));
  }

  // Every attacked cell of the piece learns from the values that the programme has found.
  void Learn(const Search& search) {
    const auto values = search.programme.values();
    const auto witness = static_cast<uint32_t>(component_.witnesses.size());
    bool used = false;
    for (const auto& [place, number] : search.targets) {
      AttackedCell& cell = component_.attacked[number];
      if (Settled(cell)) continue;
      if (values[place] < cell.lower - kTolerance) {
        cell.lower = values[place];
        cell.lower_witness = witness;
        used = true;
      }
      if (values[place] > cell.upper + kTolerance) {
        cell.upper = values[place];
        cell.upper_witness = witness;
        used = true;
      }
    }
    if (!used) return;
    Witness& found = component_.witnesses.emplace_back();
    for (size_t i = 0; i < values.size(); ++i) found.emplace_back(search.piece.places[i], values[i]);
  }

  size_t Open(const Search& search) const {
    return static_cast<size_t>(
        std::count_if(search.targets.begin(), search.targets.end(), [&](const auto& target) {
          const AttackedCell& cell = component_.attacked[target.second];
          return !cell.narrow && !Wide(cell);
        }));
  }

  // Sums of many cells at once: most cells are seen far apart after a few solutions.
  Status Filter(Search& search) {
    size_t open = Open(search);
    for (int round = 0; open > kFew || (round == 0 && open > 0); ++round) {
      for (const double sign : {1.0, -1.0}) {
        if (sign > 0) Weigh(search, round);
        if (sign < 0)
          for (double& weight : search.weights) weight = -weight;
        ++programmes_;
        if (!search.programme.Maximise(search.weights)) return Contradiction();
        Learn(search);
        AddSolution(search);
      }
      const size_t left = Open(search);
      if (round > 0 && 10 * left > 9 * open) break;  // one by one is faster then
      open = left;
    }
    return {};
  }
  void AddSolution(const Search& search) {
    const auto values = search.programme.values();
    sum_.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) sum_[i] += values[i];
    ++solutions_;
  }
  void Weigh(Search& search, int round) {
    std::fill(search.weights.begin(), search.weights.end(), 0);
    for (const auto& [place, number] : search.targets) {
      const AttackedCell& cell = component_.attacked[number];
      if (cell.narrow || Wide(cell)) continue;
      search.weights[place] = round == 0 || (random_.Next() & 1) ? 1 : -1;
    }
  }

  // One attacked cell alone, least or greatest.
  static bool Solve(Search& search, size_t place, double sign) {
    std::fill(search.weights.begin(), search.weights.end(), 0);
    search.weights[place] = sign;
    return search.programme.MaximiseNear(search.weights);
  }

  // What is narrow although all beyond a piece is forgotten is narrow; what is wide although all beyond it
  // stays is wide. The middle of all solutions so far has room around it.
  void AttackNear() {
    for (uint32_t place = 0; place < target_at_.size(); ++place) {
      if (target_at_[place] == kNone) continue;
      AttackedCell& cell = component_.attacked[target_at_[place]];
      if (!Settled(cell)) ProveNarrow(place, cell);
      if (Settled(cell)) continue;
      Search held(*this, cutter_.CellsAround(place, options_.near));
      for (const double sign : {1.0, -1.0}) {
        ++programmes_;
        if (!Settled(cell) && Solve(held, PlaceIn(held, place), sign)) Learn(held);
      }
    }
  }
  static size_t PlaceIn(const Search& search, uint32_t place) {
    const auto& places = search.piece.places;
    return static_cast<size_t>(std::lower_bound(places.begin(), places.end(), place) - places.begin());
  }
  void ProveNarrow(uint32_t place, AttackedCell& cell) {
    Search cut(*this, cutter_.RelationsAround(place, options_.near));
    const size_t at = PlaceIn(cut, place);
    std::set<CellIndex> blockers;
    double bounds[2] = {};
    for (const double sign : {1.0, -1.0}) {
      ++programmes_;
      if (!Solve(cut, at, sign)) return;
      bounds[sign > 0] = cut.programme.values()[at];
      if (options_.blockers) FindBlockers(cut, blockers);
    }
    if (bounds[1] - bounds[0] >= model_.cell(cell.cell).width - kTolerance) return;
    cell.lower = bounds[0];
    cell.upper = bounds[1];
    Finish(cell, blockers);
  }

  void Finish(AttackedCell& cell, const std::set<CellIndex>& blockers) const {
    cell.exact = cell.exact || cell.upper - cell.lower < kTolerance;
    cell.narrow = cell.exact || !Wide(cell);
    if (cell.narrow) cell.blockers.assign(blockers.begin(), blockers.end());
  }

  // One cell after the other.
  Status FindRest() {
    for (const auto& [place, number] : whole_->targets) {
      AttackedCell& cell = component_.attacked[number];
      std::set<CellIndex> blockers;
      for (const double sign : {1.0, -1.0}) {
        if (Settled(cell)) continue;
        ++programmes_;
        if (!Solve(*whole_, place, sign)) return Contradiction();
        Learn(*whole_);
        if (options_.blockers) FindBlockers(*whole_, blockers);
      }
      if (!cell.narrow) Finish(cell, blockers);
    }
    return {};
  }

  // What binds the last solution: shown cells whose column has a price.
  void FindBlockers(const Search& search, std::set<CellIndex>& blockers) const {
    const auto prices = search.programme.prices();
    std::map<CellIndex, double> worth;
    for (size_t row = 0; row < search.piece.relations.size(); ++row) {
      if (std::abs(prices[row]) < kTolerance) continue;
      for (const Term& term : model_.relation(search.piece.relations[row]).terms) {
        const Cell& beside = model_.cell(term.cell);
        if (!hidden_[term.cell] && beside.showing == Showing::kCandidate && beside.width > 0) {
          worth[term.cell] += prices[row] * term.factor;
        }
      }
    }
    for (const auto& [cell, price] : worth) {
      if (std::abs(price) > kTolerance) blockers.insert(cell);
    }
  }

  const Model& model_;
  AttackedComponent& component_;
  const AttackOptions& options_;
  Random random_;
  PieceCutter cutter_;
  const Hidden& hidden_;
  std::vector<uint32_t> target_at_;  // of each place in the component: the number of the attacked cell
  std::optional<Search> whole_;
  size_t programmes_ = 0;
  std::vector<double> sum_;  // of the solutions of the whole component
  size_t solutions_ = 0;
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
  AttackedComponent component{std::move(cells), {}, {}, {}};
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
