// From a row's slots to the value that is shown: the statistics and, where there is no value, the reason.
// Pure.
#pragma once

#include "indicators/query/rollup.h"

namespace kpr {

struct ValueInput {
  const v1::Definition* definition = nullptr;
  int64_t unit = 1;
  const Row* row = nullptr;  // none: no cell
  Coverage coverage;
  bool not_available = false;  // in this geography
  bool declared_only = false;  // who has not declared the period is left out
};

v1::Value MakeValue(const ValueInput& input);

}  // namespace kpr
