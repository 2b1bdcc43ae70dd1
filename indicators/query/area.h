// Areas of each level: which of them a place counts in, their codes and names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "indicators/cells/cell.h"
#include "indicators/query/reporting_data.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

// Municipalities that a publication shows together, by code, and the area that stands for them.
using PoolAreas = std::map<uint16_t, uint32_t>;
// The area of a county's pool, at the level of municipalities; its code is the county's and "P".
uint32_t PoolOf(uint16_t county);
bool IsPool(const std::string& code);

// The level whose codes have this form: two digits a county, four (or a pool's) a municipality, nine a
// provider.
v1::Level LevelOfArea(const std::string& code);

// The areas a place counts in, as numbers: 0 the country or not available; county, municipality and provider
// numbers; size groups from 1. Each once, however many of the place's municipalities lie there.
// Municipalities of `pools` count in those.
std::vector<uint32_t> AreasOf(const CellPlace& place, v1::Level level, const Structure& structure,
                              const ReportingData& reporting, int month, const PoolAreas& pools = {});

// As AreasOf has it; of a code that LevelOfArea knows.
uint32_t AreaOfCode(const std::string& code);
std::string AreaCode(v1::Level level, uint32_t area);
v1::Text AreaName(v1::Level level, uint32_t area, Date day);

}  // namespace kpr
