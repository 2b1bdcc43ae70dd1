// Holds a register's cells against the naive batch over its log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "indicators/reference/naive.h"
#include "registry/event_log/event_log.h"
#include "registry/store/partition_store.h"

namespace kpr {

// Reads every event and tick up to each stream's offset in `ends`.
Result<NaiveRegister> ReadLog(EventLog* log, const std::vector<uint64_t>& ends);

struct Verification {
  size_t events = 0;
  size_t cells = 0;
  std::vector<std::string> differences;  // at most 20, readable
};

// At the stores' own positions; the outbox must be empty.
Result<Verification> Verify(EventLog* log, const std::vector<const PartitionStore*>& stores,
                            const Catalogue& catalogue);

std::string DescribeCell(const std::string& key, const Catalogue& catalogue);

}  // namespace kpr
