// A value that can be replaced while others use the one before; they keep theirs to the end. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace kpr {

template <typename T>
class Swappable {
 public:
  explicit Swappable(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  std::shared_ptr<const T> Get() const {
    std::lock_guard lock(mutex_);
    return value_;
  }
  void Set(T value) {
    auto fresh = std::make_shared<const T>(std::move(value));
    std::lock_guard lock(mutex_);
    value_.swap(fresh);
  }

 private:
  mutable std::mutex mutex_;  // guards value_
  std::shared_ptr<const T> value_;
};

}  // namespace kpr
