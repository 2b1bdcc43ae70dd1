// The linear model of all that a publication shows or could show: one cell for each count of persons, and the
// relations that everyone knows to hold between them (a total is the sum of its parts). Suppression and
// attack both work on it and on nothing else. Pure; a finished model may be read by any number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace kpr::disclosure {

using CellIndex = uint32_t;
// How messages call a cell.
using CellNamer = std::function<std::string(CellIndex)>;
std::string NameOf(const CellNamer& namer, CellIndex cell);

// What a cell is to the publication.
enum class Showing : uint8_t {
  kCandidate,  // may be shown or hidden
  kShown,      // is public already, or must be: never hidden
  kHidden,     // must not follow from what is shown: hidden by a primary rule
  kUnknown,    // links tables and is in none: never shown, needs no protection
};

struct Cell {
  int64_t value = 0;     // persons; never read by the attack unless the cell is shown
  double priority = 0;   // what readers miss most when it is hidden is highest
  int64_t at_least = 0;  // what everyone knows of the value without seeing it
  double width = 3;      // narrower than this the interval of a hidden value must not be; 0: it may follow,
                         // and is not hidden to widen others
  Showing showing = Showing::kCandidate;
  bool single = false;  // hidden, and one person stands behind it, who knows that it is not less
};

struct Term {
  CellIndex cell;
  int32_t factor;
};

// The sum of factor times value over the terms is zero, or at most zero.
struct Relation {
  std::span<const Term> terms;
  bool equal = true;
};

class Model {
 public:
  CellIndex AddCell(const Cell& cell);
  // Terms of one cell must have been added up.
  void AddRelation(std::span<const Term> terms, bool equal = true);
  // After the last cell and relation, before any use of relations_of.
  void Finish();

  size_t cells() const { return cells_.size(); }
  size_t relations() const { return equal_.size(); }
  Cell& cell(CellIndex index) { return cells_[index]; }
  const Cell& cell(CellIndex index) const { return cells_[index]; }
  Relation relation(size_t index) const {
    return {{terms_.data() + begins_[index], terms_.data() + begins_[index + 1]}, equal_[index]};
  }
  std::span<const uint32_t> relations_of(CellIndex index) const {
    return {of_cell_.data() + of_cell_begins_[index], of_cell_.data() + of_cell_begins_[index + 1]};
  }

 private:
  std::vector<Cell> cells_;
  std::vector<Term> terms_;
  std::vector<size_t> begins_{0};
  std::vector<bool> equal_;
  std::vector<uint32_t> of_cell_;
  std::vector<size_t> of_cell_begins_;
};

// Which cells of a model a reader does not see.
using Hidden = std::vector<bool>;

// The relations that any of the cells is in, each once.
std::vector<uint32_t> RelationsOf(const Model& model, const std::vector<CellIndex>& cells);

// What holds two cells together. What equal relations alone do not join can still bound each other.
enum class Joined { kByAny, kByEqual };

// The unseen cells, divided so that no relation touches two parts: what is hidden in one says nothing about
// another. Cells and parts in rising order.
std::vector<std::vector<CellIndex>> Components(const Model& model, const Hidden& hidden,
                                               Joined joined = Joined::kByAny);
// The same of some unseen cells, in rising order.
std::vector<std::vector<CellIndex>> Components(const Model& model, const std::vector<CellIndex>& cells,
                                               Joined joined = Joined::kByAny);

}  // namespace kpr::disclosure
