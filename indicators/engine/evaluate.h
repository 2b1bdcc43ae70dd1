// From one subject's history to its contributions: the function f whose differences keep every cell exact.
// Pure: the same history and horizon give the same contributions, in any process, on any day.
#pragma once

#include <vector>

#include "indicators/cells/cell.h"
#include "indicators/engine/plan.h"
#include "registry/timeline/history.h"

namespace kpr {

struct Contribution {
  CellKey key;
  uint32_t slot = 0;
  int64_t amount = 0;
};

// Appends the contributions to every period that ends on `from` or later and has begun on `horizon`. A period
// that still runs on the horizon is looked at as it stands that day. The count of facts per municipality and
// year (indicator 0) starts with facts dated `from`.
void Evaluate(const Plan& plan, const History& history, Date from, Date horizon,
              std::vector<Contribution>* out);

// The same for one indicator and period.
void EvaluatePeriod(const IndicatorPlan& indicator, const History& history, Period period, Date horizon,
                    std::vector<Contribution>* out);

}  // namespace kpr
