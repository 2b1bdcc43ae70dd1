// From a request to what is to be read, or what is wrong with it. Pure.
#pragma once

#include "indicators/query/rollup.h"

namespace kpr {

Result<Selection> SelectionOf(const v1::GetRequest& request, const v1::Definition& definition,
                              const IndicatorPlan& indicator, Date horizon);

// The level whose numbers look like this: two digits a county, four a municipality, nine a provider.
v1::Level LevelOfArea(const std::string& area);

}  // namespace kpr
