// What a slice of an event partition's log contains, decoded. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kpr/v1/event.pb.h"
#include "kpr/v1/log.pb.h"
#include "registry/event_log/event_log.h"

namespace kpr {

// A step of the calendar: ahead to the day, or with set_back, back to it.
struct Tick {
  int32_t day = 0;
  uint64_t offset = 0;
  bool set_back = false;
};

struct LogSlice {
  // Encoded, in log order; a subject may occur several times.
  std::vector<std::pair<SubjectId, std::string>> facts;
  std::vector<Tick> ticks;  // in log order
  // Records that this version cannot take, and why: broken ones, and those of a later version.
  std::vector<std::pair<uint64_t, std::string>> unreadable;
  uint64_t records = 0;
};

// The records of the chunks in [from_offset, end_offset), as far as they concern the partition. kDataLoss: a
// chunk is damaged.
Result<LogSlice> ReadSlice(const std::vector<LogChunk>& chunks, uint64_t from_offset, uint32_t partition,
                           uint32_t partitions, uint64_t end_offset = UINT64_MAX);

// Whose event it is: its sender's, or that of the sender it continues.
const std::string& OwnerOf(const v1::LogRecord& record);

// Whether timelines can take the event.
Status CheckReadable(const v1::Event& event);

}  // namespace kpr
