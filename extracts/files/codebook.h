// The codebook of an extract: every table, column and code, for people and for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "extracts/rows/table_plan.h"

namespace kpr::extract {

// A kpr.v1.VariableCatalogue of what is there.
std::string CodebookJson(const std::vector<TablePlan>& tables);
// One page that needs nothing else, in both languages.
std::string CodebookHtml(const std::string& title, const v1::ExtractRequest& request,
                         const std::vector<TablePlan>& tables);
// How many digits a municipality or county is written with; 0: the variable is none.
int AreaDigits(const Variable& variable);
std::string CodeText(const Variable& variable, int64_t code);

}  // namespace kpr::extract
