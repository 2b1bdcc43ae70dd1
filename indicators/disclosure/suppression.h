// Secondary suppression by exact linear algebra (Langsrud 2024): cells are shown in the order in which
// readers miss them, unless a cell, together with what is shown already, gives a hidden one away. No cell
// that must be hidden follows from the shown cells and the relations. Where the model is small, the result is
// that of Langsrud's Gaussian elimination over all cells in this order; where it is large, all cells that are
// neither small nor needed to protect small ones are shown first. Pure.
#pragma once

#include <vector>

#include "base/status.h"
#include "indicators/disclosure/model.h"

namespace kpr::disclosure {

struct SuppressionOptions {
  // Hidden cells with one person behind: the person knows. No shown cell may be a sum of such cells alone.
  bool protect_singles = true;
  // Up to so many cells all are tried in turn; above, those with values up to `tried_value` and what protects
  // the hidden.
  size_t small_model = 3000;
  int64_t tried_value = 12;
  CellNamer name;  // none: by index
};

// Cells hidden because of a primary rule (Showing::kHidden), cells hidden to protect them, and unknown ones.
// Fails with kFailedPrecondition where a cell that must be hidden follows from those that must be shown; the
// message names the index of the first.
Result<Hidden> Suppress(const Model& model, const SuppressionOptions& options = {});

// The cells that must be hidden, but follow from those that must be shown whatever else is hidden: Suppress
// fails because of them.
std::vector<CellIndex> CannotBeHidden(const Model& model);

}  // namespace kpr::disclosure
