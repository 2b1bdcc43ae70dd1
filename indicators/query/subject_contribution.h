// What one subject contributes to one value. Used by explanations and revisions.
#pragma once

#include <string>
#include <vector>

#include "indicators/engine/evaluate.h"
#include "indicators/engine/period_sums.h"
#include "indicators/query/explanation.h"
#include "indicators/query/reporting_data.h"

namespace kpr {

// One value: an indicator in a period and area.
struct ValueRef {
  const v1::Definition* definition = nullptr;
  Selection selection;
  uint32_t area = 0;
  const ReportingData* reporting = nullptr;
};

// kInvalid: not a period or area. The rest outlives the reference.
Result<ValueRef> ResolveValue(const std::string& period, const std::string& area, const Plan& plan,
                              Date horizon, const ReportingData* reporting);

class SubjectContribution {
 public:
  // Both outlive it. `plan` holds the one indicator.
  SubjectContribution(const Plan* plan, const ValueRef* ref);

  // The slots that the facts contribute; empty: nothing.
  Slots Of(const SubjectId& subject, const std::vector<Fact>& facts);
  // The state that Of folded last.
  const SubjectState& state() const { return state_; }

 private:
  void AddCell(int year, const Slots& cell);
  int LastMonth(int ordinal) const;
  bool Inside(const CellPlace& place, int ordinal) const;

  Evaluator evaluator_;
  const ValueRef* ref_;
  PeriodSums sums_;
  std::vector<Contribution> contributions_;
  SubjectState state_;
};

// Whether a fact can take part in the indicator's values: one of its services, or a kind it asks for.
bool Concerns(const Plan& plan, const IndicatorPlan& indicator, const Fact& fact);

// The row of slots alone, without coverage.
ResultRow RowOf(const ValueRef& ref, const Slots& slots);

}  // namespace kpr
