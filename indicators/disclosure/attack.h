// What a reader of shown cells can find out about hidden ones, from the relations and from knowing that no
// count is below its least. The hard gate before a release, and what `kpr release check` repeats from the
// public files: values of hidden cells are never read. Pure.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/status.h"
#include "indicators/disclosure/model.h"

namespace kpr::disclosure {

struct AttackOptions {
  bool intervals = false;  // finds the whole interval of each cell, also where it is wide enough
  bool blockers = false;   // finds the blockers of narrow cells
  CellNamer name;          // none: by index
  const std::vector<bool>* only = nullptr;  // attacks these cells and no others
  // In larger components, cells that few sums of all cells leave open are attacked with so many near them.
  size_t near = 600;
};

// Values of the cells of one component that agree with all that is shown: those of its `solution` but for
// some, by their place in the component.
using Witness = std::vector<std::pair<uint32_t, double>>;

struct AttackedCell {
  CellIndex cell = 0;
  // Safe cells: two possible values at least the cell's width apart. Others: the bounds that the reader
  // finds.
  double lower = 0, upper = 0;
  bool exact = false;                             // the value follows
  bool narrow = false;                            // the interval is narrower than the cell's width, or exact
  uint32_t lower_witness = 0, upper_witness = 0;  // of the component
  std::vector<CellIndex>
      blockers;  // of a narrow cell: shown candidates that would widen its interval if hidden
};

struct AttackedComponent {
  std::vector<CellIndex> cells;
  std::vector<double> solution;  // values that agree with all that is shown
  std::vector<Witness> witnesses;
  std::vector<AttackedCell> attacked;  // the cells that need protection
};

struct AttackReport {
  std::vector<AttackedComponent> components;
  size_t programmes = 0;  // linear programmes solved

  size_t Exact() const;
  size_t Narrow() const;  // including exact ones
};

// Fails with kInvalid where shown cells contradict a relation or each other.
Result<AttackReport> Attack(const Model& model, const Hidden& hidden, const AttackOptions& options);

// The attack on one component of hidden cells alone.
Result<AttackedComponent> AttackComponent(const Model& model, const Hidden& hidden,
                                          std::vector<CellIndex> cells, const AttackOptions& options,
                                          size_t& programmes);

}  // namespace kpr::disclosure
