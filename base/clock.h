// Time is injected: only app/ holds the real clock, tests hold one they can move.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace kpr {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t UnixMillis() const = 0;  // thread-safe
};

class SystemClock : public Clock {
 public:
  int64_t UnixMillis() const override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
};

class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t millis) : millis_(millis) {}
  int64_t UnixMillis() const override { return millis_; }
  void Advance(int64_t millis) { millis_ += millis; }

 private:
  std::atomic<int64_t> millis_;
};

}  // namespace kpr
