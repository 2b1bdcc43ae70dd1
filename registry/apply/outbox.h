// Facts that a change of identity hands on to other timelines, until the log has them.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "registry/store/partition_store.h"

namespace kpr {

// An outbox entry's log record and where it goes.
struct OutboxRecord {
  std::string key;
  uint32_t partition = 0;
  std::string record;
};
Result<std::vector<OutboxRecord>> ReadOutbox(const PartitionStore& store, uint32_t partitions, size_t limit);

}  // namespace kpr
