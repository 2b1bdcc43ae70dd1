#include "ingest/rpc/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace kpr {

Result<std::string> Gate::Identify(const grpc::ServerContextBase& context, const std::string& claimed) const {
  KPR_ASSIGN_OR_RETURN(const Peer peer, PeerOf(context));
  if (peer.proven && !claimed.empty() && claimed != peer.name) {
    return Invalid(fmt::format("sender '{}' is not who the certificate names", claimed));
  }
  const std::string& name = peer.proven ? peer.name : claimed;
  if (!peer.proven && !options_.policy.anyone) return Invalid("a client certificate is required");
  if (!IsSenderName(name))
    return Invalid("sender must be 1 to 200 printable ASCII characters without blanks");
  if (!options_.policy.Knows(name)) return Invalid(fmt::format("sender '{}' is not in the policy", name));
  return name;
}

Status Gate::Open() {
  std::lock_guard lock(mutex_);
  if (closed_) return Unavailable("the server is draining; connect elsewhere or later");
  if (streams_ >= limits::kStreams)
    return Exhausted(fmt::format("the server has {} streams open", limits::kStreams));
  ++streams_;
  return {};
}

void Gate::Shut() {
  std::lock_guard lock(mutex_);
  --streams_;
}

Status Gate::Enter(const std::string& sender) {
  std::lock_guard lock(mutex_);
  Allowance& allowance = allowances_[sender];
  if (allowance.streams >= limits::kStreamsPerSender) {
    return Exhausted(fmt::format("a sender may have {} streams open", limits::kStreamsPerSender));
  }
  ++allowance.streams;
  return {};
}

void Gate::Leave(const std::string& sender) {
  std::lock_guard lock(mutex_);
  --allowances_[sender].streams;
}

bool Gate::ReserveBytes(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  if (waiting_bytes_ + bytes > limits::kWaitingBytes) return false;
  waiting_bytes_ += bytes;
  return true;
}

void Gate::ReleaseBytes(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  waiting_bytes_ -= bytes;
}

uint32_t Gate::Delay(const std::string& sender, uint64_t events) {
  if (options_.events_per_second_per_sender == 0) return 0;
  const auto rate = static_cast<double>(options_.events_per_second_per_sender);
  const int64_t now = clock_->UnixMillis();
  std::lock_guard lock(mutex_);
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

void Gate::Close() {
  std::map<uint64_t, std::function<void()>> listeners;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    listeners.swap(listeners_);
  }
  for (const auto& [id, on_drain] : listeners) on_drain();
}

bool Gate::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

uint64_t Gate::AddDrainListener(std::function<void()> on_drain) {
  std::lock_guard lock(mutex_);
  listeners_[next_listener_] = std::move(on_drain);
  return next_listener_++;
}

void Gate::RemoveDrainListener(uint64_t id) {
  std::lock_guard lock(mutex_);
  listeners_.erase(id);
}

}  // namespace kpr
