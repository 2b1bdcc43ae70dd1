// The embedded log: a RocksDB instance of its own. One thread gathers the batches that wait, writes them as
// one synced write and tells their senders: group commit. A partial_batch tail is cut at open; damage before
// the tail is refused (wal_recovery_mode kTolerateCorruptedTailRecords, no WAL recycling).
#pragma once

#include <memory>

#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"

namespace kpr {

struct LocalLogOptions {
  std::string directory;
  uint32_t partitions = 4;                  // fixed when the log is created; another number later is refused
  const SpaceGuard* space_guard = nullptr;  // outlives the log; none in tests
};

// kDataLoss where stored bytes are not what was written, kFailedPrecondition where another process holds the
// log or the partition count differs.
Result<std::unique_ptr<EventLog>> OpenLocalLog(const LocalLogOptions& options);

}  // namespace kpr
