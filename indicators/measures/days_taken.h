// What took so many days: counted, in its class by days and, for a median, in the histogram of days.
#pragma once

#include <algorithm>

#include "base/limits.h"
#include "indicators/evaluation/evaluation.h"

namespace kpr {

static_assert(slot::kHistogramBase + limits::kHistogramDays < slot::kSubjects);

inline void EmitDaysTaken(const PlanStep& step, const CellKey& key, int month, int days,
                          Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  evaluation->Emit(key, month, c.slot, step.indicator->unit);
  if (step.indicator->histogram) {
    const int shown = std::min(days, limits::kHistogramDays);
    evaluation->Emit(key, month, slot::kHistogramBase + static_cast<uint32_t>(shown), 1);
  }
  for (uint32_t i = 0; i < c.classes.size(); ++i) {
    if (c.classes[i].up_to_days != 0 && days > c.classes[i].up_to_days) continue;
    return evaluation->Emit(key, month, slot::kClassBase + i, 1);
  }
}

}  // namespace kpr
