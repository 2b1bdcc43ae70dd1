// What one component of a definition adds for one period, straight from the definition's words. Reference
// only.
#pragma once

#include "indicators/definition/catalogue.h"
#include "indicators/reference/naive_cell_writer.h"

namespace kpr::naive {

struct EvaluationContext {
  const v1::Definition* d = nullptr;
  const Catalogue* catalogue = nullptr;
  Period period;
  Date day;  // the last day observed
  int64_t unit = 1;
  uint32_t number = 0;  // of the indicator version
};

// Adds all components of the definition.
void AddExpectedCells(const Subject& subject, const EvaluationContext& question, ExpectedCells* cells);

}  // namespace kpr::naive
