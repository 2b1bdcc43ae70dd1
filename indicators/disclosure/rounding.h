// Rounding of small counts (Langsrud and Heldal 2018): the alternative to hiding. The finest counts behind a
// small figure are rounded to zero or to the base, so that all sums move as little as possible; every figure
// is then a sum of rounded ones, so that tables stay additive, and no figure from 1 to base - 1 is left.
// Pure.
#pragma once

#include <vector>

#include "base/status.h"
#include "indicators/disclosure/model.h"

namespace kpr::disclosure {

// The value to show for each cell. In a relation of the model, the term with a negative factor is the sum of
// the others; a cell that is no sum is one of the finest.
// kInvalid where two decompositions of a sum end in different finest cells: the model lacks the table in
// which they are crossed (it may be one that is not shown).
Result<std::vector<int64_t>> RoundSmall(const Model& model, int64_t base);

}  // namespace kpr::disclosure
