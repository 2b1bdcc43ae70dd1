#include "ingest/admission/admission_controller.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace kpr {

Status AdmissionController::AcquireStream() {
  const MutexLock lock(mutex_);
  if (draining_) return Unavailable("the server is draining; connect elsewhere or later");
  if (streams_ >= limits::kStreams)
    return ResourceExhausted(fmt::format("the server has {} streams open", limits::kStreams));
  ++streams_;
  return {};
}

Status AdmissionController::AcquireMessage() {
  const MutexLock lock(mutex_);
  if (messages_ >= limits::kMessages)
    return ResourceExhausted("as many messages are taken as may be at once; retry later");
  ++messages_;
  return {};
}

void AdmissionController::ReleaseMessage() {
  const MutexLock lock(mutex_);
  --messages_;
}

void AdmissionController::ReleaseStream() {
  const MutexLock lock(mutex_);
  --streams_;
}

Status AdmissionController::AcquireSender(const std::string& sender) {
  const MutexLock lock(mutex_);
  Allowance& allowance = allowances_[sender];
  if (allowance.streams >= limits::kStreamsPerSender) {
    return ResourceExhausted(fmt::format("a sender may have {} streams open", limits::kStreamsPerSender));
  }
  ++allowance.streams;
  return {};
}

void AdmissionController::ReleaseSender(const std::string& sender) {
  const MutexLock lock(mutex_);
  --allowances_[sender].streams;
}

bool AdmissionController::ReserveBytes(uint64_t bytes) {
  const MutexLock lock(mutex_);
  if (waiting_bytes_ + bytes > limits::kWaitingBytes) return false;
  waiting_bytes_ += bytes;
  return true;
}

void AdmissionController::ReleaseBytes(uint64_t bytes) {
  const MutexLock lock(mutex_);
  waiting_bytes_ -= bytes;
}

uint32_t AdmissionController::Delay(const std::string& sender, uint64_t events) {
  if (options_.events_per_second_per_sender == 0) return 0;
  const auto rate = static_cast<double>(options_.events_per_second_per_sender);
  const int64_t now = clock_->UnixMillis();
  const MutexLock lock(mutex_);
  Allowance& allowance = allowances_[sender];
  // A bucket of one second, or of one batch where that is more.
  const double size = std::max(rate, static_cast<double>(events));
  allowance.tokens =
      std::min(size, allowance.tokens + rate * static_cast<double>(now - allowance.filled_at_ms) / 1000);
  allowance.filled_at_ms = now;
  const double missing = static_cast<double>(events) - allowance.tokens;
  if (missing > 0) return static_cast<uint32_t>(missing / rate * 1000) + 1;
  allowance.tokens -= static_cast<double>(events);
  return 0;
}

void AdmissionController::BeginDrain() {
  std::map<uint64_t, std::function<void()>> listeners;
  {
    const MutexLock lock(mutex_);
    draining_ = true;
    listeners.swap(listeners_);
  }
  for (const auto& [id, on_drain] : listeners) on_drain();
}

bool AdmissionController::draining() const {
  const MutexLock lock(mutex_);
  return draining_;
}

uint64_t AdmissionController::AddDrainListener(std::function<void()> on_drain) {
  const MutexLock lock(mutex_);
  listeners_[next_listener_] = std::move(on_drain);
  return next_listener_++;
}

void AdmissionController::RemoveDrainListener(uint64_t id) {
  const MutexLock lock(mutex_);
  listeners_.erase(id);
}

}  // namespace kpr
