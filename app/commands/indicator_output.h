// Indicator tables as text. CSV has the same columns for every indicator.
#pragma once

#include "app/commands/output.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

void PrintTable(const v1::IndicatorTable& table, Output output);
// "58.50", or why there is no value.
std::string ValueText(const v1::Row& row);
// "EMPTY_DENOMINATOR"; empty: there is a value.
std::string ReasonText(v1::MissingReason reason);
const v1::Estimate* FindEstimate(const v1::Row& row, v1::EstimateName name);

}  // namespace kpr
