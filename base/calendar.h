// Months by table, as millions are asked for. Pure; thread-safe.
#pragma once

#include "base/date.h"

namespace kpr {

// Months since year 0, as the ordinal of a month's Period.
int MonthOf(Date day);
// The last day of the month.
Date MonthEnd(int month);
// Months in a period of the kind: 1, 4 or 12.
int MonthsIn(PeriodKind kind);

}  // namespace kpr
