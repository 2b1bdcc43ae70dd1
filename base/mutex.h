// std::mutex and std::condition_variable as clang's thread-safety analysis reads them: a member that is
// KPR_GUARDED_BY a mutex is used with it held only, a function that KPR_REQUIRES it is called with it held
// only. gcc passes over the attributes; clang-tidy checks them. Source: Thread Safety Analysis, Clang
// documentation.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#ifdef __clang__
#define KPR_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define KPR_THREAD_ATTRIBUTE(x)
#endif
#define KPR_GUARDED_BY(mutex) KPR_THREAD_ATTRIBUTE(guarded_by(mutex))
#define KPR_PT_GUARDED_BY(mutex) KPR_THREAD_ATTRIBUTE(pt_guarded_by(mutex))
#define KPR_REQUIRES(...) KPR_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))

namespace kpr {

class KPR_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void Lock() KPR_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void Unlock() KPR_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  bool TryLock() KPR_THREAD_ATTRIBUTE(try_acquire_capability(true)) { return mutex_.try_lock(); }

 private:
  friend class ConditionVariable;
  std::mutex mutex_;
};

class KPR_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) KPR_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() KPR_THREAD_ATTRIBUTE(release_capability()) { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits may end without cause: call them in a loop over the condition.
class ConditionVariable {
 public:
  void Wait(Mutex& mutex) KPR_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    changed_.wait(lock);
    lock.release();
  }
  // False: the time is over.
  bool WaitUntil(Mutex& mutex, std::chrono::steady_clock::time_point end) KPR_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = changed_.wait_until(lock, end) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  bool WaitFor(Mutex& mutex, std::chrono::steady_clock::duration time) KPR_REQUIRES(mutex) {
    return WaitUntil(mutex, std::chrono::steady_clock::now() + time);
  }
  void NotifyOne() { changed_.notify_one(); }
  void NotifyAll() { changed_.notify_all(); }

 private:
  std::condition_variable changed_;
};

}  // namespace kpr
