// Keeps the cells: answers each changed timeline with f(after) - f(before), added up over a micro-batch.
#pragma once

#include <memory>

#include "indicators/engine/plan.h"
#include "registry/apply/observer.h"

namespace kpr {

class CellObserver : public TimelineObserver {
 public:
  // `plan` outlives the observer.
  explicit CellObserver(const Plan* plan) : plan_(plan) {}
  std::unique_ptr<ChangeBatch> Begin() override;
  std::string catalogue() const override { return plan_->catalogue.hash; }

 private:
  const Plan* plan_;
};

}  // namespace kpr
