// How many partitions of a process work out a batch at once: one for each processor, as more of them would
// only hold more memory. A batch holds its changes of cells until it is written. Thread-safe.
#pragma once

#include <memory>

#include "base/mutex.h"

namespace kpr {

class ApplyTurns {
 public:
  explicit ApplyTurns(unsigned count) : free_(count) {}
  static std::shared_ptr<ApplyTurns> ForProcessors();

  // Waits; a batch takes about a second.
  void Take() {
    const MutexLock lock(mutex_);
    while (free_ == 0) given_.Wait(mutex_);
    --free_;
  }
  void Give() {
    {
      const MutexLock lock(mutex_);
      ++free_;
    }
    given_.NotifyOne();
  }

 private:
  Mutex mutex_;
  ConditionVariable given_;
  unsigned free_ KPR_GUARDED_BY(mutex_);
};

class ApplyTurn {
 public:
  explicit ApplyTurn(ApplyTurns* turns) : turns_(turns) { turns_->Take(); }
  ~ApplyTurn() { turns_->Give(); }
  ApplyTurn(const ApplyTurn&) = delete;
  ApplyTurn& operator=(const ApplyTurn&) = delete;

 private:
  ApplyTurns* turns_;
};

}  // namespace kpr
