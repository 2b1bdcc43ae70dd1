// What a slice of an event partition's log contains, decoded. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "registry/event_log/event_log.h"

namespace kpr {

struct LogSlice {
  // Encoded, in log order; a subject may occur several times.
  std::vector<std::pair<SubjectId, std::string>> facts;
  std::vector<std::pair<int32_t, uint64_t>> ticks;  // calendar day and offset
  uint64_t records = 0;
};

// The records of the chunks from `from_offset` on, as far as they concern the partition. kDataLoss: a record
// that kpr did not write.
Result<LogSlice> ReadSlice(const std::vector<LogChunk>& chunks, uint64_t from_offset, uint32_t partition,
                           uint32_t partitions);

}  // namespace kpr
