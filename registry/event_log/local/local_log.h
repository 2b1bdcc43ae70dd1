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
  // Which pseudonym key the log's subjects are made with, kept in the log from the first start on; empty:
  // this process makes none.
  std::string key_id;
  // How far the log was durable, written within a second of it; keep it apart from the directory. Empty:
  // none.
  std::string mark;
};

// kDataLoss where stored bytes are not what was written or the log is shorter than its mark,
// kFailedPrecondition where another process holds the log, or the partition count or the pseudonym key
// differs.
Result<std::unique_ptr<EventLog>> OpenLocalLog(const LocalLogOptions& options);

}  // namespace kpr
