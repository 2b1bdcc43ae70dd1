// How many streams a sender holds, how fast it sends, how many bytes wait to be durable; and the drain: once
// it has begun, no stream is admitted and the open ones are asked to leave. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"

namespace kpr {

struct AdmissionOptions {
  uint64_t events_per_second_per_sender = 0;  // 0: no limit
};

class AdmissionController {
 public:
  AdmissionController(AdmissionOptions options, const Clock* clock) : options_(options), clock_(clock) {}

  // Counts a submit stream of the process; kUnavailable while draining, kResourceExhausted beyond the limit.
  Status AcquireStream();
  void ReleaseStream();
  // A national message, until the log is done with it. kResourceExhausted: limits::kMessages are taken.
  Status AcquireMessage();
  void ReleaseMessage();
  // Counts a stream of the sender; kResourceExhausted beyond the limit.
  Status AcquireSender(const std::string& sender);
  void ReleaseSender(const std::string& sender);
  // Bytes of batches that wait to be durable, over all streams; false where they would be too many.
  bool ReserveBytes(uint64_t bytes);
  void ReleaseBytes(uint64_t bytes);
  // Milliseconds until the sender may send so many events; 0 takes them from its allowance.
  uint32_t Delay(const std::string& sender, uint64_t events);

  // Calls each listener once.
  void BeginDrain();
  bool draining() const;
  uint64_t AddDrainListener(std::function<void()> on_drain);
  void RemoveDrainListener(uint64_t id);

 private:
  struct Allowance {
    int streams = 0;
    double tokens = 0;
    int64_t filled_at_ms = 0;
  };

  const AdmissionOptions options_;
  const Clock* clock_;
  mutable Mutex mutex_;
  std::map<std::string, Allowance> allowances_ KPR_GUARDED_BY(mutex_);
  int streams_ KPR_GUARDED_BY(mutex_) = 0;
  int messages_ KPR_GUARDED_BY(mutex_) = 0;
  uint64_t waiting_bytes_ KPR_GUARDED_BY(mutex_) = 0;
  bool draining_ KPR_GUARDED_BY(mutex_) = false;
  uint64_t next_listener_ KPR_GUARDED_BY(mutex_) = 1;
  std::map<uint64_t, std::function<void()>> listeners_ KPR_GUARDED_BY(mutex_);
};

}  // namespace kpr
