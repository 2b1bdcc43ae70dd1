// How extracts are shown.
#pragma once

#include <string>

#include "app/commands/output.h"
#include "kpr/v1/extract.pb.h"

namespace kpr {

// `table`: only of this one; empty: all.
void PrintVariables(const v1::VariableCatalogue& catalogue, const std::string& table, Output output);
void PrintCheck(const v1::ExtractCheck& check, Output output);
void PrintExtract(const v1::Extract& extract, Output output);
void PrintExtracts(const v1::ListExtractsResponse& extracts, Output output);
void PrintRisk(const v1::ExtractRisk& risk);

}  // namespace kpr
