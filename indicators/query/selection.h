// From a request to what is to be read, or what is wrong with it. Pure.
#pragma once

#include "indicators/query/rollup.h"

namespace kpr {

Result<Selection> SelectionOf(const v1::GetIndicatorValuesRequest& request, const v1::Definition& definition,
                              const IndicatorPlan& indicator, Date horizon);

}  // namespace kpr
