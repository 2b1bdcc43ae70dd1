// Cells to areas: who has reported and declared, which cells make up which rows. Pure but for the scans it is
// fed from.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "indicators/engine/period_sums.h"
#include "indicators/query/area.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

inline constexpr uint8_t kAllStrata = 255;

struct RowKey {
  int32_t ordinal = 0;
  uint32_t area = 0;  // as AreasOf
  uint8_t sex = kAllStrata, age = kAllStrata;
  auto operator<=>(const RowKey&) const = default;
};

struct Row {
  Slots slots;
  bool carried_forward = false;
  std::map<uint32_t, Slots> by_municipality;  // of surveys: the strata of the weights
};
using Rows = std::map<RowKey, Row>;

struct RolledUp {
  Rows rows;
  // Codes under which figures of the period stand though they were split before it: by ordinal, of
  // municipalities only. The figures are in none of the codes that follow.
  std::map<int, std::set<uint16_t>> split;
};

// What is asked of the cells of one indicator.
struct Selection {
  const IndicatorPlan* indicator = nullptr;
  PeriodRange range;
  v1::Level level = v1::LEVEL_COUNTRY;
  std::set<uint32_t> areas;  // empty: all
  bool by_sex = false, by_age = false;
  int structure_year = 0;
  v1::IncompletePolicy incomplete_policy = v1::INCOMPLETE_POLICY_INCLUDE;
  bool strata_of_municipalities = false;
  // Of a publication: only what is in a municipality of the structure, and in none of these. None:
  // everything.
  std::optional<std::set<uint16_t>> excluded;
  PoolAreas pools;
};

// The structure a period is shown in.
const Structure& StructureOf(const Selection& selection, int ordinal);
// The slots that stay when components count some industries only.
Slots AtIndustry(const IndicatorPlan& indicator, const Slots& slots, int32_t industry);
bool FiltersByIndustry(const IndicatorPlan& indicator);
// The place in those of its municipalities that report what the selection is about in the month.
CellPlace WhereReported(const CellPlace& place, const Selection& selection, const ReportingData& reporting,
                        int month);

Result<RolledUp> ReadRows(const CellSource& source, const Selection& selection,
                          const ReportingData& reporting);

// Municipalities of the area, in the structure: in force, with any fact in the year and their reporting
// begun, with the period declared.
struct Coverage {
  uint32_t municipalities = 0, reporting = 0, declared = 0;
};
// For all areas of one period at once.
std::map<uint32_t, Coverage> CoverageOf(const Selection& selection, int ordinal,
                                        const ReportingData& reporting);

}  // namespace kpr
