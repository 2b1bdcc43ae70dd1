// From a row's slots to its estimates: the statistics and, where there is no value, the reason. Pure.
#pragma once

#include "indicators/query/result_table.h"

namespace kpr {

struct EstimateInput {
  const v1::Definition* definition = nullptr;
  const IndicatorPlan* indicator = nullptr;
  const Row* row = nullptr;  // none: no cell
  Coverage coverage;
  bool not_comparable = false;  // in this geography
  bool declared_only = false;   // municipalities that have not declared the period are excluded
  bool of_provider = false;     // the row is a provider's
};

// Of the values, as shown: what the definition says; one where it does not and values are not counts.
uint32_t DecimalsOf(const v1::Definition& definition);

// A row without its place and period.
ResultRow MakeResultRow(const EstimateInput& input);

}  // namespace kpr
