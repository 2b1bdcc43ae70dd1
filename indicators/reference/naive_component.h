// What one component of a definition adds for one period, straight from the definition's words. Reference
// only.
#pragma once

#include <unordered_map>

#include "indicators/cells/cell.h"
#include "indicators/definition/catalogue.h"
#include "indicators/reference/naive_subject.h"

namespace kpr::naive {

// A period's figure at a place and in a stratum. The key's period is the kind of period and its year the
// ordinal.
using ExpectedCells = std::unordered_map<CellKey, std::map<uint32_t, int64_t>, CellKeyHash>;

struct EvaluationContext {
  const v1::Definition* d = nullptr;
  const Catalogue* catalogue = nullptr;
  Period period;
  Date day;  // the last day observed
  int64_t unit = 1;
  uint32_t number = 0;  // of the figure
};

// Adds all components of the definition.
void AddExpectedCells(const Subject& subject, const EvaluationContext& question, ExpectedCells* cells);

}  // namespace kpr::naive
