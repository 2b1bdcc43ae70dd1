// The days on which anything that a plan counts can change for a subject. Pure.
#pragma once

#include <vector>

#include "indicators/engine/plan.h"
#include "indicators/evaluation/evaluation.h"

namespace kpr {

// In order; a day may come more than once.
std::vector<Date> ChangePointsOf(const Plan& plan, const Evaluation& evaluation);

}  // namespace kpr
