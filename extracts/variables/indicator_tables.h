// The tables of indicators: what each person counts for in each period, of every definition that counts
// persons. Pure.
#pragma once

#include <vector>

#include "base/date.h"
#include "extracts/variables/variables.h"

namespace kpr::extract {

// Of the definitions in this program, each in its newest version.
std::vector<Table> IndicatorTables();
// The periods that its rows are of.
PeriodKind ShortestPeriod(const v1::Definition& definition);
const char* NameOf(PeriodKind kind);

}  // namespace kpr::extract
