// Areas of each level: which of them a place counts in, their codes and names.
#pragma once

#include <string>
#include <vector>

#include "indicators/cells/cell.h"
#include "indicators/query/reporting_data.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

// The level whose codes have this form: two digits a county, four a municipality, nine a provider.
v1::Level LevelOfArea(const std::string& code);

// The areas a place counts in, as numbers: 0 the country or not available; county, municipality and provider
// numbers; size groups from 1. Each once, however many of the place's municipalities lie there.
std::vector<uint32_t> AreasOf(const CellPlace& place, v1::Level level, const Structure& structure,
                              const ReportingData& reporting, int month);

std::string AreaCode(v1::Level level, uint32_t area);
v1::Text AreaName(v1::Level level, uint32_t area, Date day);

}  // namespace kpr
