// The running registry of one machine: every partition of the log, and the senders' chains.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "registry/apply/chain_follower.h"
#include "registry/apply/partition.h"
#include "registry/apply/scrubber.h"
#include "registry/read/registry_reader.h"

namespace kpr {

struct RegistryOptions {
  std::string directory;
  PartitionOptions partition;
  ScrubberOptions scrubber;
};

class Registry : public RegistryReader {
 public:
  // `log` and `updater` outlive the registry. Errors as of Partition::Open.
  static Result<std::unique_ptr<Registry>> Open(RegistryOptions options, EventLog* log,
                                                DerivedStateUpdater* updater);
  ~Registry() override { Stop(); }

  void Start();
  void Stop();

  uint32_t partitions() const override { return static_cast<uint32_t>(partitions_.size()); }
  std::shared_ptr<const PartitionReader> store(uint32_t partition) const override {
    return partitions_[partition]->store();
  }
  Status error(uint32_t partition) const override;
  bool Complete(uint32_t version) const override;
  uint64_t WaitForChange(uint64_t seen, std::chrono::milliseconds timeout) const override;
  Status Ready() const override;
  const ChainFollower& chains() const { return *chains_; }
  Scrubber& scrubber() { return *scrubber_; }

  // Subjects of all partitions whose new versions are still to be computed are waited for as well.
  bool WaitComplete(std::chrono::milliseconds timeout) const;
  // Waits until all that was in the log at the call is applied and the outbox is empty. False: out of time.
  bool WaitApplied(std::chrono::milliseconds timeout) const;

 private:
  explicit Registry(EventLog* log) : log_(log) {}
  bool WaitUntil(std::chrono::milliseconds timeout, const std::function<bool()>& done) const;
  bool AllApplied() const;
  void Changed();

  EventLog* log_;
  mutable Mutex mutex_;
  mutable ConditionVariable changed_;
  uint64_t changes_ KPR_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Partition>> partitions_;
  std::unique_ptr<ChainFollower> chains_;
  std::unique_ptr<Scrubber> scrubber_;
};

}  // namespace kpr
