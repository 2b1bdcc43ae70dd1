// The plan in force. It can be replaced while others use the one before; they keep theirs to the end.
#pragma once

#include <memory>
#include <mutex>

#include "indicators/engine/plan.h"

namespace kpr {

class PlanHolder {
 public:
  explicit PlanHolder(Plan plan) : plan_(std::make_shared<const Plan>(std::move(plan))) {}

  std::shared_ptr<const Plan> Get() const {
    std::lock_guard lock(mutex_);
    return plan_;
  }
  void Set(Plan plan) {
    auto fresh = std::make_shared<const Plan>(std::move(plan));
    std::lock_guard lock(mutex_);
    plan_ = std::move(fresh);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Plan> plan_;
};

}  // namespace kpr
