// Admission at the connection: who the caller is, how many streams it holds and how fast it sends. And the
// drain: once closed, no stream is let in and those inside are told to go elsewhere.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/rpc/peer.h"
#include "ingest/admission/policy.h"

namespace kpr {

struct GateOptions {
  AdmissionPolicy policy;
  uint64_t events_per_second_per_sender = 0;  // 0: no limit
};

class Gate {
 public:
  Gate(GateOptions options, const Clock* clock) : options_(std::move(options)), clock_(clock) {}

  const AdmissionPolicy& policy() const { return options_.policy; }
  // The sender's name: the certificate's, or on plaintext the one it claims.
  Result<std::string> Identify(const grpc::ServerContextBase& context, const std::string& claimed) const;
  // Counts any stream of the process in, before its sender is known; kUnavailable while draining.
  Status Open();
  void Shut();
  // Counts a stream of the sender in; kExhausted beyond the limits.
  Status Enter(const std::string& sender);
  void Leave(const std::string& sender);
  // Bytes of batches that wait to be durable, over all streams; false where they would be too many.
  bool ReserveBytes(uint64_t bytes);
  void ReleaseBytes(uint64_t bytes);
  // Milliseconds until the sender may send so many events; 0 takes them from its allowance.
  uint32_t Delay(const std::string& sender, uint64_t events);

  // Drain. `on_drain` of every open stream is called once, from Close.
  void Close();
  bool closed() const;
  uint64_t AddDrainListener(std::function<void()> on_drain);
  void RemoveDrainListener(uint64_t id);

 private:
  struct Allowance {
    int streams = 0;
    double tokens = 0;
    int64_t filled_at_ms = 0;
  };

  GateOptions options_;
  const Clock* clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Allowance> allowances_;
  int streams_ = 0;
  uint64_t waiting_bytes_ = 0;
  bool closed_ = false;
  uint64_t next_listener_ = 1;
  std::map<uint64_t, std::function<void()>> listeners_;
};

}  // namespace kpr
