// Municipalities beside each other: each against what the country's rates by sex and age would give it, and
// attributes of it where asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indicators/query/result_table.h"
#include "indicators/statistics/interval.h"

namespace kpr {

struct AreaComparison {
  ResultRow row;
  std::string group;                  // size group, or the category that was asked for; "unknown"
  double observed = 0, expected = 0;  // 0, 0: nothing is expected
  double ratio = 0;                   // observed / expected
  Interval warning, alarm;            // 95 and 99.8 % limits of the ratio, with the variance between areas
  double shrunken_ratio = 0;
  std::optional<double> group_value, previous;
  bool changed_beyond_chance = false;
  v1::OutlierStatus outlier_status = v1::OUTLIER_STATUS_UNSPECIFIED;
  std::vector<v1::Signal> signals;
};

struct Comparison {
  std::shared_ptr<const v1::Definition> definition;
  std::string period;
  std::vector<uint64_t> positions;  // of the log, by partition
  std::string code_lists;           // version
  std::string attributes;           // version of what the register holds of them; empty: not used
  std::vector<std::string> adjust_by;
  std::string group_by;
  int structure_year = 0;
  std::optional<ResultRow> country;
  double dispersion = 1, variance_between = 0;
  std::vector<AreaComparison> municipalities;  // by number
};

}  // namespace kpr
