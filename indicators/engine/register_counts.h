// What the register counts of every subject, whatever the catalogue says: facts for coverage, months declared
// complete, all inhabitants of a municipality and the industry of each provider. Pure.
#pragma once

#include "indicators/evaluation/evaluation.h"

namespace kpr {

void EvaluateRegisterCounts(Evaluation* evaluation);

}  // namespace kpr
