// Folds the senders' stream of the log into chains, one a sender, on a thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"
#include "registry/sender_chain/chain_reader.h"
#include "registry/store/chain_store.h"

namespace kpr {

// Thread-safe.
class ChainFollower : public ChainReader {
 public:
  // `log` and `space_guard`, if any, outlive the follower.
  static Result<std::unique_ptr<ChainFollower>> Open(const std::string& directory, EventLog* log,
                                                     const SpaceGuard* space_guard);
  ~ChainFollower() override { Stop(); }

  void Start();
  void Stop();
  uint64_t next_offset() const { return store_->next_offset(); }
  Status error() const;
  Result<std::vector<std::string>> Senders() const override;
  Result<Chain> SenderChain(const std::string& sender, std::chrono::milliseconds timeout) const override;

 private:
  ChainFollower(EventLog* log, const SpaceGuard* space_guard) : log_(log), space_guard_(space_guard) {}
  Status Step();

  EventLog* log_;
  const SpaceGuard* space_guard_;
  std::unique_ptr<ChainStore> store_;
  std::thread thread_;
  std::atomic<bool> stopping_ = false;
  mutable Mutex mutex_;
  Status error_ KPR_GUARDED_BY(mutex_);
};

std::string ChainDirectory(const std::string& registry);

}  // namespace kpr
