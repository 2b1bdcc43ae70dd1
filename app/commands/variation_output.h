// A variation report as text.
#pragma once

#include "app/commands/output.h"
#include "kpr/v1/variation.pb.h"

namespace kpr {

void PrintVariation(const v1::VariationReport& report, Output output);

}  // namespace kpr
