// Inhabitants by the municipality's latest count. Also kept whole for each municipality's size group. Pure.
#pragma once

#include "indicators/evaluation/evaluation.h"

namespace kpr {

// Emits the inhabitants of the component's age bands on the observations of the grid.
void EvaluateInhabitants(const PlanStep& step, Evaluation* evaluation);

}  // namespace kpr
