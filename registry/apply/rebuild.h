// Rebuilds the registry from the log alone: first every timeline by blind appends, then every subject's
// cells and findings once. The same state as applying event by event, at a fraction of the work.
#pragma once

#include <functional>

#include "base/limits.h"
#include "registry/apply/derived_state_updater.h"
#include "registry/event_log/event_log.h"

namespace kpr {

struct RebuildProgress {
  uint64_t records = 0;   // read from the log
  uint64_t subjects = 0;  // computed
};

// After how much a rebuild writes what it has computed; the bytes are of all its partitions at work.
struct RebuildWrites {
  size_t bytes = limits::kRebuildBytes;
  uint64_t subjects = limits::kRebuildSubjects;
};

// One partition's records below `end`, the end of a chunk, into a store at `directory`, which must not exist.
// kUnavailable once `cancelled` says so.
Status RebuildPartition(const std::string& directory, uint32_t partition, uint64_t end, EventLog* log,
                        DerivedStateUpdater* updater, const std::function<bool()>& cancelled,
                        const std::function<void(RebuildProgress)>& progress, RebuildWrites writes = {});

// Every partition, into `directory`, which must not hold a registry. What was interrupted is of no use:
// remove it.
Status RebuildInto(const std::string& directory, EventLog* log, DerivedStateUpdater* updater,
                   const std::function<bool()>& cancelled,
                   const std::function<void(RebuildProgress)>& progress, RebuildWrites writes = {});

}  // namespace kpr
