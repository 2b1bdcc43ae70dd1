#include "base/fair_queue.h"

#include <algorithm>
#include <chrono>
#include <tuple>

namespace kpr {
namespace {

constexpr std::chrono::milliseconds kAskCancelled{100};

}  // namespace

FairQueue::Turn::Turn(Turn&& other) noexcept
    : queue_(other.queue_), caller_(std::move(other.caller_)), begin_(other.begin_) {
  other.queue_ = nullptr;
}

FairQueue::Turn::~Turn() {
  if (queue_ != nullptr) queue_->Leave(caller_, queue_->options_.now() - begin_);
}

Result<FairQueue::Turn> FairQueue::Enter(const std::string& caller, size_t most_waiting,
                                         const std::function<bool()>& cancelled) {
  const MutexLock lock(mutex_);
  Caller& entry = callers_[caller];
  if (entry.running == 0 && entry.waiting == 0) entry.charged = std::max(entry.charged, virtual_time_);
  if (entry.waiting >= most_waiting)
    return ResourceExhausted("as many of your questions wait as may at once; retry when one is answered");
  ++entry.waiting;
  const auto self = waiters_.insert(waiters_.end(), {caller});
  Grant();
  while (!self->granted) {
    if (cancelled()) {
      --entry.waiting;
      waiters_.erase(self);
      Forget(caller);
      return Unavailable("the call was cancelled while it waited for its turn");
    }
    granted_.WaitFor(mutex_, kAskCancelled);
  }
  waiters_.erase(self);
  return Turn(this, caller, options_.now());
}

void FairQueue::Grant() {
  while (running_ < options_.running) {
    Waiter* next = nullptr;
    const auto order = [this](const Waiter& w) KPR_REQUIRES(mutex_) {
      const Caller& c = callers_.at(w.caller);
      return std::tuple(c.running, c.charged);
    };
    for (Waiter& waiter : waiters_) {
      if (!waiter.granted && (next == nullptr || order(waiter) < order(*next))) next = &waiter;
    }
    if (next == nullptr) return;
    next->granted = true;
    Caller& entry = callers_.at(next->caller);
    --entry.waiting;
    ++entry.running;
    ++running_;
    virtual_time_ = std::max(virtual_time_, entry.charged);
    granted_.NotifyAll();
  }
}

void FairQueue::Leave(const std::string& caller, double cost) {
  const MutexLock lock(mutex_);
  Caller& entry = callers_.at(caller);
  --entry.running;
  --running_;
  entry.charged += cost;
  Forget(caller);
  Grant();
}

void FairQueue::Forget(const std::string& caller) {
  const auto it = callers_.find(caller);
  if (it->second.running == 0 && it->second.waiting == 0 && it->second.charged <= virtual_time_)
    callers_.erase(it);
}

}  // namespace kpr
