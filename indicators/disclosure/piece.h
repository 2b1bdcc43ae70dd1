// A part of a component of hidden cells as a linear programme: all of it, or what is near one cell. Near in
// one of two ways: the cells beyond keep the values of a known solution, so that whatever is possible in the
// piece is possible in the component; or the relations beyond are left out, so that whatever is impossible in
// the piece is impossible in the component.
#pragma once

#include <cstdint>
#include <vector>

#include "indicators/disclosure/linear_program.h"
#include "indicators/disclosure/model.h"

namespace kpr::disclosure {

struct Piece {
  std::vector<uint32_t> places;     // of its cells in the component, in rising order
  std::vector<uint32_t> relations;  // of the model
};

// Cuts pieces of one component. Not safe for use by several threads at once.
class PieceCutter {
 public:
  PieceCutter(const Model& model, const Hidden& hidden, const std::vector<CellIndex>& cells);

  Piece Whole() const;
  // The `size` cells nearest to the one at `place`, with all relations of theirs.
  Piece CellsAround(uint32_t place, size_t size);
  // The relations nearest to it that are between at most `size` cells, with all cells of theirs.
  Piece RelationsAround(uint32_t place, size_t size);

  // Cells of the component that are not in the piece have the values of `solution`.
  LinearProgram Programme(const Piece& piece, const std::vector<double>& solution) const;

 private:
  uint32_t PlaceOf(CellIndex cell) const;
  const Model& model_;
  const Hidden& hidden_;
  const std::vector<CellIndex>& cells_;
  double most_ = 1000;  // above every value that a cell can have
  std::vector<bool> taken_;
};

}  // namespace kpr::disclosure
