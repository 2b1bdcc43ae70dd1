// The register as those who answer from it see it: one store a partition. Here it is the running registry; on
// a query node, replicas that follow it.
#pragma once

#include <chrono>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "registry/store/partition_store.h"

namespace kpr {

// Thread-safe.
class RegisterView {
 public:
  virtual ~RegisterView() = default;

  virtual uint32_t partitions() const = 0;
  virtual const PartitionStore& store(uint32_t partition) const = 0;
  // Why a partition stands still; OK while it works.
  virtual Status error(uint32_t partition) const = 0;
  // Whether every partition has the whole of the figure.
  virtual bool Complete(uint32_t figure) const = 0;
  // Counts writes; waits until it differs from `seen` or the time is out, and gives it.
  virtual uint64_t WaitForChange(uint64_t seen, std::chrono::milliseconds timeout) const = 0;
  // Whether cells can be read: kUnavailable says what is missing.
  virtual Status Ready() const { return {}; }
  // Whether timelines can be read up to the positions: kUnavailable says why not.
  virtual Status HasTimelines(const std::vector<uint64_t>& /*positions*/) const { return {}; }

  // Of a follower: the clock of the worker that is furthest back, when it had what is here; 0: not a
  // follower.
  virtual int64_t FreshAtMs() const { return 0; }

  // The calendar day every partition has reached; day 0 (1970-01-01) before the first tick.
  Date horizon() const;
  // Another number for each registry that is made anew.
  uint64_t generation() const;
  // Per partition: the log position at the end of the calendar day `day`; all there is, while it runs.
  Result<std::vector<uint64_t>> PositionsAtClose(Date day) const;
};

}  // namespace kpr
