// Sparse Gaussian elimination of the relations between unseen cells, and from it random solutions: what the
// unseen cells could be changed by without changing anything that is shown.
#pragma once

#include <vector>

#include "indicators/disclosure/field.h"
#include "indicators/disclosure/model.h"

namespace kpr::disclosure {

class Elimination {
 public:
  // The equal relations of the model between `cells` (one component, in rising order).
  Elimination(const Model& model, const std::vector<CellIndex>& cells);

  // How many independent ways there are to change the cells.
  size_t freedom() const { return cells_ - pivots_.size(); }

  // `count` random vectors of change, drawn evenly from all that there are: entry [i * count + k] is the
  // change of cells[i] in vector k. A cell whose changes are all zero follows from what is shown; two cells
  // whose changes are proportional in all vectors follow from each other. Either is wrong with a chance of
  // 2^-60.
  std::vector<Field> Sample(size_t count, Random& random) const;

 private:
  struct Entry {
    uint32_t column;
    Field factor;
  };
  using Row = std::vector<Entry>;
  struct Pivot {
    Row row;  // without its pivot column, whose factor is minus one
    uint32_t column;
  };
  std::vector<Row> RowsOf(const Model& model, const std::vector<CellIndex>& cells) const;
  void Eliminate(std::vector<Row> rows);

  size_t cells_;
  std::vector<Pivot> pivots_;
};

}  // namespace kpr::disclosure
