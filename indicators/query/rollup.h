// Cells to areas: who has reported and declared, which cells make up which rows. Pure but for the scans it is
// fed from.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "indicators/cells/period_sums.h"
#include "indicators/geography/structure.h"
#include "indicators/query/cell_source.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

inline constexpr uint8_t kAllStrata = 255;

struct RowKey {
  int32_t ordinal = 0;
  uint32_t area =
      0;  // 0 the country or not available; county, municipality, provider number, size group from 1
  uint8_t sex = kAllStrata, age = kAllStrata;
  auto operator<=>(const RowKey&) const = default;
};

struct Row {
  Slots slots;
  bool carried_forward = false;
  std::map<uint32_t, Slots> by_municipality;  // of surveys: the strata of the weights
};
using Rows = std::map<RowKey, Row>;

// What is asked of the cells of one indicator.
struct Selection {
  const IndicatorPlan* indicator = nullptr;
  PeriodRange range;
  v1::Level level = v1::COUNTRY;
  std::set<uint32_t> areas;  // empty: all
  bool by_sex = false, by_age = false;
  int structure_year = 0;
  v1::Undeclared undeclared = v1::INCLUDE;
  bool strata_of_municipalities = false;
};

// By municipality as reported: facts, declarations, inhabitants, month by month. For one thread.
class Background {
 public:
  static Result<Background> Read(const CellSource& source, bool industries);

  bool Reported(Municipality municipality, int year) const;
  // Whether all months of [first, last] are declared, by the municipality of the structure that the code
  // belongs to, under whatever codes it had.
  bool Declared(Municipality reported, const Structure& structure, int first, int last) const;
  // Of the municipality of the structure, at the end of the month.
  std::optional<int> SizeGroupOf(Municipality municipality, const Structure& structure, int month) const;
  // By the provider's latest report at the end of the month; 0 unknown.
  int32_t IndustryOf(uint32_t provider, int month) const;

 private:
  std::map<uint16_t, std::set<int>> reported_years_;
  std::map<uint16_t, std::vector<int>> declared_months_;
  // By structure year and its municipality, made when first asked for; a Background is of one request.
  mutable std::map<int, std::map<uint16_t, std::set<int>>> declared_in_;
  std::map<uint16_t, std::map<int, int64_t>> inhabitant_changes_;
  std::map<uint32_t, std::map<int, int32_t>> industry_changes_;  // by month
};

// The structure a period is shown in.
const Structure& StructureOf(const Selection& selection, int ordinal);
// The areas a place counts in: each once, however many of its municipalities lie there.
std::vector<uint32_t> AreasOf(const CellPlace& place, v1::Level level, const Structure& structure,
                              const Background& background, int month);

// The slots that stay when components look at some industries only.
Slots AtIndustry(const IndicatorPlan& indicator, const Slots& slots, int32_t industry);
bool LooksAtIndustries(const IndicatorPlan& indicator);

Result<Rows> ReadRows(const CellSource& source, const Selection& selection, const Background& background);

// Municipalities of the area, in the structure: in force, with any fact in the year, with the period
// declared.
struct Coverage {
  uint32_t municipalities = 0, reporting = 0, declared = 0;
};
// For all areas of one period at once.
std::map<uint32_t, Coverage> CoverageOf(const Selection& selection, int ordinal,
                                        const Background& background);

std::string AreaCode(v1::Level level, uint32_t area);
std::string AreaName(v1::Level level, uint32_t area, Date day);

}  // namespace kpr
