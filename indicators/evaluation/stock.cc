#include "indicators/evaluation/stock.h"

namespace kpr {

void EmitStockChange(const PlanStep& step, const Stock& before, const Stock& after,
                     ObservationWindow observation, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  CellKey key = evaluation->KeyOf(step, (after.present ? after : before).place, observation.day);
  key.age = after.present ? after.age : before.age;
  const int month = MonthOf(observation.day);
  if (c.sums) {
    const int64_t was = before.amount * 10, is = after.amount * 10;  // thousandths
    evaluation->Emit(key, month, c.slot, int64_t{after.present} - int64_t{before.present});
    evaluation->Emit(key, month, slot::kSum, is - was);
    evaluation->Emit(key, month, slot::kSumSquares, is * is - was * was);
  } else {
    evaluation->Emit(key, month, c.slot, after.amount - before.amount);
  }
  const uint32_t changed = before.classes ^ after.classes;
  for (uint32_t i = 0; changed >> i != 0; ++i) {
    if ((changed >> i & 1) != 0)
      evaluation->Emit(key, month, slot::kClassBase + i, (after.classes >> i & 1) != 0 ? 1 : -1);
  }
}

}  // namespace kpr
