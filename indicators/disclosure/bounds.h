// What a reader finds without linear programming: bounds of hidden cells from one relation after the other.
// They are at least as wide as those of the attack and cost far less: what is narrow here is narrow. Pure.
#pragma once

#include <vector>

#include "indicators/disclosure/attack.h"
#include "indicators/disclosure/model.h"

namespace kpr::disclosure {

// The hidden cells whose bounds are narrower than their width, with the shown candidates of the relations
// that bind them that would widen them if hidden. Values of hidden cells are not read.
std::vector<AttackedCell> NarrowByBounds(const Model& model, const Hidden& hidden);

}  // namespace kpr::disclosure
