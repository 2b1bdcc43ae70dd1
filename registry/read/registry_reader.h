// The registry for those who answer from it: one partition reader a partition. Implemented by the running
// registry and, on a query node, by the replicas that follow it. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "registry/read/partition_reader.h"

namespace kpr {

class RegistryReader {
 public:
  virtual ~RegistryReader() = default;

  virtual uint32_t partitions() const = 0;
  // Another one after the partition was rebuilt; who holds the former can read it to the end.
  virtual std::shared_ptr<const PartitionReader> store(uint32_t partition) const = 0;
  // Why a partition makes no progress; OK while it does.
  virtual Status error(uint32_t partition) const = 0;
  // Whether every partition has all cells of the indicator version.
  virtual bool Complete(uint32_t version) const = 0;
  // Waits until the number of writes differs from `seen` or the timeout is over; returns that number.
  virtual uint64_t WaitForChange(uint64_t seen, std::chrono::milliseconds timeout) const = 0;
  // Whether cells can be read: kUnavailable says what is missing.
  virtual Status Ready() const { return {}; }
  // Whether timelines can be read up to the positions: kUnavailable says why not.
  virtual Status HasTimelines(const std::vector<uint64_t>& /*positions*/) const { return {}; }

  // Of replicas: the clock of the worker that is furthest behind, when it wrote what is here; 0 where the
  // registry itself answers.
  virtual int64_t FreshAtMs() const { return 0; }

  // The calendar day every partition has reached; day 0 (1970-01-01) before the first tick.
  Date horizon() const;
  // Log records of all partitions that could not be applied.
  uint64_t Quarantined() const;
  // Differs for each registry that is created or rebuilt.
  uint64_t epoch() const;
  // Per partition: the log position at the end of the calendar day `day`; everything, while that day has not
  // ended.
  Result<std::vector<uint64_t>> PositionsAtEndOf(Date day) const;
};

}  // namespace kpr
