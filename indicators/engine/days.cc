// Days: stays and reported amounts over time, emitted by their change points.
#include <algorithm>

#include "indicators/engine/evaluate.h"
#include "indicators/engine/pieces.h"

namespace kpr {

// `amount` on each of the days [begin, end) from `from_` on.
void Evaluator::EmitDays(const PlanStep& step, const CellPlace& place, Date begin, Date end, int64_t amount) {
  if (!advancing_) begin = std::max(begin, from_);
  if (begin >= end || amount == 0) return;
  const CellKey key = KeyOf(step, place, begin);
  EmitDay(key, begin, step.component->slot, amount);
  if (end < kNoEnd) EmitDay(key, end, step.component->slot, -amount);
}

void Evaluator::StayDays(const PlanStep& step) {
  ForEachStayPiece(*step.component, [&](const CellPlace& place, Date begin, Date end) {
    EmitDays(step, place, begin, end, step.indicator->unit);
  });
}

void Evaluator::ReportedDays(const PlanStep& step) {
  ForEachReport(*step.component, [&](const CellPlace& place, Date begin, Date end, int64_t amount) {
    EmitDays(step, place, begin, end, amount);
  });
}

}  // namespace kpr
