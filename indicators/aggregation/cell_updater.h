// Keeps the cells: answers each changed timeline with f(after) - f(before), added up over a micro-batch.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "indicators/engine/plan.h"
#include "registry/apply/derived_state_updater.h"

namespace kpr {

class CellUpdater : public DerivedStateUpdater {
 public:
  // `plan` outlives the updater. Each batch runs by the plan that is in force when it begins.
  explicit CellUpdater(const PlanHolder* plan) : plan_(plan) {}
  std::unique_ptr<ChangeBatch> Begin() override;

 private:
  const PlanHolder* plan_;
  Mutex mutex_;  // the versions of the plan last seen
  std::shared_ptr<const Plan> seen_ KPR_GUARDED_BY(mutex_);
  std::shared_ptr<const std::vector<IndicatorVersion>> versions_ KPR_GUARDED_BY(mutex_);
};

// What a plan computes, as stores remember it: texts and notes take no step.
std::vector<IndicatorVersion> IndicatorVersionsOf(const Plan& plan);

}  // namespace kpr
