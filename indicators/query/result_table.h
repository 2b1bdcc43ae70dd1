// The typed answer to an indicator query. Made in one place; proto, tables, CSV and publications are
// converters of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "indicators/query/rollup.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

struct Estimate {
  v1::EstimateName name = v1::ESTIMATE_NAME_VALUE;
  double value = 0;
  std::optional<double> lower, upper;  // 95 %
  v1::IntervalMethod method = v1::INTERVAL_METHOD_UNSPECIFIED;
  std::string unit;
  uint32_t decimals = 0;  // as shown
};

// How many different ones are behind a row, whatever its measure counts; providers (or municipalities that
// report for themselves) where amounts are reported by them.
struct Behind {
  int64_t persons = 0, providers = 0;
};

struct ResultRow {
  std::string period;
  std::string area;  // code
  v1::Text area_name;
  std::string sex, age;
  std::vector<Estimate> estimates;  // the first is the indicator's value; none where `reason` says why
  double numerator = 0, denominator = 0;
  std::vector<int64_t> classes;
  Behind behind_numerator, behind_denominator;
  v1::MissingReason reason = v1::MISSING_REASON_UNSPECIFIED;
  Coverage coverage;
  bool provisional = false, carried_forward = false;
  std::vector<v1::Text> notes;
  uint64_t invited = 0, responded = 0;  // surveys

  // The indicator's value; none where there is none.
  const Estimate* value() const { return estimates.empty() ? nullptr : &estimates.front(); }
  double ValueOr(double missing) const { return estimates.empty() ? missing : estimates.front().value; }
};

struct ResultTable {
  std::shared_ptr<const v1::Definition> definition;
  Date horizon;                     // day 0: there are no data yet
  std::vector<uint64_t> positions;  // by partition
  int64_t fresh_at_ms = 0;          // 0: the registry itself answered
  uint64_t quarantined = 0;         // log records that could not be applied
  std::string code_lists;           // version
  std::vector<ResultRow> rows;
};

}  // namespace kpr
