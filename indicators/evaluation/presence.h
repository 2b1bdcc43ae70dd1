// Where a subject is behind an amount that does not tell how many subjects it is of.
#pragma once

#include "indicators/evaluation/evaluation.h"

namespace kpr {

// Over whole months, first_month to last_month.
struct Presence {
  int first_month = 0, last_month = 0;
  CellPlace place;
  uint8_t age = 0;
  uint32_t slot = 0;
};

// On observations [begin, end) of the grid.
struct PresenceOnGrid {
  size_t begin = 0, end = 0;
  CellPlace place;
  uint8_t age = 0;
  uint32_t slot = 0;
};

inline constexpr int kNoLastMonth = INT32_MAX;

}  // namespace kpr
