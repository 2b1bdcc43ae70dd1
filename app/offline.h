// What works on the data directory while no server runs on it.
#pragma once

#include <atomic>
#include <string>

#include "app/config.h"
#include "base/date.h"

namespace kpr {

// Naive batch over the log against the cells. kDataLoss where they differ; tells where.
Status VerifyData(const Config& config);
// Rebuilds the registry from the log and replaces the old one.
Status RebuildData(const Config& config, const std::atomic<bool>& stop);
// Records that the data have reached this day and no later one: what a wrong clock said is void. kInvalid:
// the calendar is not past it, or by more than a year without `far`.
Status SetCalendarBack(const Config& config, Date day, bool far);
enum class LogForm { kJson, kIds, kBrief };
// One line for each record of the log: the record as JSON; the event's id; or partition, offset, event id,
// sender, sequence and subject.
Status PrintLog(const Config& config, LogForm form);
// Looks for identity numbers in every record of the log and every entry of the registry; prints where they
// are, never what. kDataLoss: there are some.
Status ScanData(const Config& config);
// Every cell, as text that is the same for the same log.
Status ExportData(const Config& config);

}  // namespace kpr
