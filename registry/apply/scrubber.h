// Compares the partitions' stores with the log, one after another and at the lowest priority: each is rebuilt
// beside the one in use, and takes its place where they differ or the one in use cannot be read. So a damaged
// bit, or a fault of ours, does not stay in the figures.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "registry/apply/partition.h"

namespace kpr {

struct ScrubReport {
  uint32_t partition = 0;
  Status status;  // why it was not compared with the log; OK: it was
  uint64_t position = 0;
  uint64_t entries = 0, differences = 0;
  std::string first;      // of the differences
  bool replaced = false;  // the store was rebuilt from the log
};

struct ScrubberOptions {
  std::chrono::seconds interval{0};  // from one round to the next, the first after a tenth of it; 0: none
  const SpaceGuard* space_guard = nullptr;
  std::function<void(const ScrubReport&)> on_scrubbed = [](const ScrubReport&) {};  // on its thread
};

class Scrubber {
 public:
  // All outlive the scrubber. The partitions run.
  Scrubber(ScrubberOptions options, std::vector<Partition*> partitions, std::string directory, EventLog* log,
           DerivedStateUpdater* updater);
  ~Scrubber() { Stop(); }

  void Start();
  void Stop();
  // One partition now.
  ScrubReport Scrub(uint32_t partition);

 private:
  void Run();
  bool Wait(std::chrono::milliseconds time);  // false: stopping
  Status ScrubInto(const std::string& built, Partition* partition, ScrubReport* report);
  Status CheckSpace() const;
  Status BuildTo(const std::string& built, uint32_t partition, uint64_t end);
  Result<bool> Differ(const std::string& built, Partition* partition, ScrubReport* report);

  const ScrubberOptions options_;
  const std::vector<Partition*> partitions_;
  const std::string directory_;  // of the registry
  EventLog* log_;
  DerivedStateUpdater* updater_;
  std::thread thread_;
  Mutex scrubbing_;  // held by whoever builds
  Mutex mutex_;
  ConditionVariable stopped_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace kpr
