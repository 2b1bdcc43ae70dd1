// Lets a few computations run at once, in turn between those who ask: start-time fair queueing (Goyal, Vin
// and Cheng 1996), charged by the seconds that each took. A caller with much work waits for itself, not the
// others for it. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>

#include "base/mutex.h"
#include "base/status.h"

namespace kpr {

struct FairQueueOptions {
  int running = 1;              // computations at once
  std::function<double()> now;  // seconds of a clock that never goes back
};

class FairQueue {
 public:
  explicit FairQueue(FairQueueOptions options) : options_(std::move(options)) {}

  // The right to compute, until it is destroyed. It may not outlive the queue.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    friend class FairQueue;
    Turn(FairQueue* queue, std::string caller, double begin)
        : queue_(queue), caller_(std::move(caller)), begin_(begin) {}
    FairQueue* queue_;
    std::string caller_;
    double begin_;
  };

  // Blocks until it is the caller's turn. kResourceExhausted: `most_waiting` of the caller wait already;
  // kUnavailable: `cancelled`, which is asked ten times a second, said so.
  Result<Turn> Enter(const std::string& caller, size_t most_waiting, const std::function<bool()>& cancelled);

 private:
  struct Caller {
    double charged = 0;  // virtual time: what it has cost, never behind that of an idle queue
    int running = 0;
    size_t waiting = 0;
  };
  struct Waiter {
    std::string caller;
    bool granted = false;
  };

  void Grant() KPR_REQUIRES(mutex_);                            // while there is room
  void Leave(const std::string& caller, double cost);           // what a turn's end does
  void Forget(const std::string& caller) KPR_REQUIRES(mutex_);  // where nothing is remembered of it

  const FairQueueOptions options_;
  Mutex mutex_;
  ConditionVariable granted_;
  std::map<std::string, Caller> callers_ KPR_GUARDED_BY(mutex_);
  std::list<Waiter> waiters_ KPR_GUARDED_BY(mutex_);  // in the order they came
  double virtual_time_ KPR_GUARDED_BY(mutex_) = 0;    // charged to the caller that was granted last
  int running_ KPR_GUARDED_BY(mutex_) = 0;
};

}  // namespace kpr
