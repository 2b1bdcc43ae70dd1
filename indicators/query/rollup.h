// Cells to areas. Pure but for the scan it is fed from.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "indicators/cells/cell.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

inline constexpr uint8_t kAllStrata = 255;

struct RowKey {
  int32_t ordinal = 0;
  uint32_t area = 0;  // 0 the country, county, municipality or provider number
  uint8_t sex = kAllStrata, age = kAllStrata;
  auto operator<=>(const RowKey&) const = default;
};

// The areas of the level a cell counts in: each once, however many of its municipalities lie there.
std::vector<uint32_t> AreasOf(const CellKey& key, v1::Level level);

// Which municipalities have reported any fact of a year, and which are in force.
class Coverage {
 public:
  void Reported(int year, Municipality municipality) { reported_[year].insert(municipality.code); }
  // Counts of the area on the day: (reporting in its year, in force).
  std::pair<uint32_t, uint32_t> Of(v1::Level level, uint32_t area, Date day) const;

 private:
  std::map<int, std::set<uint16_t>> reported_;
};

v1::Value MakeValue(const v1::Definition& definition, int64_t unit, const Slots& slots, bool any_cell,
                    std::pair<uint32_t, uint32_t> coverage);
std::string AreaCode(v1::Level level, uint32_t area);
std::string AreaName(v1::Level level, uint32_t area, Date day);

}  // namespace kpr
