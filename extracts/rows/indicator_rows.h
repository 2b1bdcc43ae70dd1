// What one person counts for in an indicator, period by period and municipality by municipality: the amounts
// that, added up over everybody, are the indicator's. Pure.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "extracts/request/population.h"
#include "extracts/variables/variables.h"
#include "indicators/engine/period_sums.h"

namespace kpr::extract {

struct IndicatorRow {
  Date period;  // its first day
  Municipality municipality;
  const Slots* slots = nullptr;
};

// Not thread-safe; keeps its working memory from person to person.
class IndicatorRows {
 public:
  // Of the periods that lie within the time frame whole. `table` is an indicator's; both outlive it.
  static Result<std::unique_ptr<IndicatorRows>> Create(const Table* table, const Population* frame);

  // A person served by several municipalities at once counts in each of them.
  void ForEach(const SubjectState& state, const std::function<void(const IndicatorRow&)>& f);
  // The amount that the variable is.
  int64_t ValueOf(const IndicatorRow& row, const Variable& variable) const;

 private:
  IndicatorRows(const Table* table, const Population* frame, Plan plan, PeriodRange range);
  void ForEachAt(const CellPlace& place, const std::function<void(const IndicatorRow&)>& f);

  const v1::Definition& definition_;
  const Geography& geography_;
  const Date last_;
  const Plan plan_;
  Evaluator evaluator_;
  PeriodSums sums_;
  std::vector<Contribution> contributions_;
};

}  // namespace kpr::extract
