// A value that can be replaced while others use the one before; they keep theirs to the end. Thread-safe.
#pragma once

#include <memory>
#include <utility>

#include "base/mutex.h"

namespace kpr {

template <typename T>
class Swappable {
 public:
  explicit Swappable(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  std::shared_ptr<const T> Get() const {
    const MutexLock lock(mutex_);
    return value_;
  }
  void Set(T value) {
    auto fresh = std::make_shared<const T>(std::move(value));
    const MutexLock lock(mutex_);
    value_.swap(fresh);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> value_ KPR_GUARDED_BY(mutex_);
};

}  // namespace kpr
