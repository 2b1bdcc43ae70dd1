// Keeps the cells: answers each changed timeline with f(after) - f(before), added up over a micro-batch.
#pragma once

#include <memory>

#include "indicators/cells/plan_holder.h"
#include "registry/apply/observer.h"

namespace kpr {

class CellObserver : public TimelineObserver {
 public:
  // `plan` outlives the observer. Each batch runs by the plan that is in force when it begins.
  explicit CellObserver(const PlanHolder* plan) : plan_(plan) {}
  std::unique_ptr<ChangeBatch> Begin() override;

 private:
  const PlanHolder* plan_;
  std::mutex mutex_;  // guards what follows: the figures of the plan last seen
  std::shared_ptr<const Plan> seen_;
  std::shared_ptr<const std::vector<Figure>> figures_;
};

// What a plan computes, as stores remember it: texts and notes take no part.
std::vector<Figure> FiguresOf(const Plan& plan);

}  // namespace kpr
