// Reads a stream of the log from end to end.
#pragma once

#include <functional>
#include <string_view>

#include "kpr/v1/log.pb.h"
#include "registry/event_log/event_log.h"

namespace kpr {

// Calls f(offset, bytes) for the records in [0, end) of the stream, until f fails. kDataLoss: the log is
// shorter than `end`, or damaged.
Status ScanStream(EventLog* log, uint32_t stream, uint64_t end,
                  const std::function<Status(uint64_t, std::string_view)>& f);

// The same for the event partition's records, parsed; null for bytes that are no record, which apply
// quarantines.
Status ScanRecords(EventLog* log, uint32_t partition, uint64_t end,
                   const std::function<void(uint64_t, const v1::LogRecord*)>& f);

}  // namespace kpr
