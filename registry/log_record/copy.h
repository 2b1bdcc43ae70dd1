// Moves a register from one log to another: from one machine to Kafka, or back.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "registry/event_log/event_log.h"

namespace kpr {

struct LogCopyProgress {
  uint64_t records = 0, of = 0;
  bool verifying = false;
};

// Every record of every stream to the same offset of `to`, then both are read and compared. `to` must be
// empty and have as many partitions, and nothing may be appended to either meanwhile. kFailedPrecondition:
// not so. kDataLoss: the copy is not what was copied; begin again with an empty log.
Status CopyLog(EventLog* from, EventLog* to, const std::atomic<bool>& stop,
               const std::function<void(const LogCopyProgress&)>& progress);

}  // namespace kpr
