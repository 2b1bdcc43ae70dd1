// The data's calendar: ticks move it ahead, a recorded correction moves it back. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "registry/log_record/log_slice.h"
#include "registry/read/partition_reader.h"

namespace kpr {

struct CalendarChange {
  int32_t horizon_days = 0;
  std::optional<int32_t> moved_back_to;  // boundaries of later days are void
  // The day, big-endian, to the offset that reached it. Then added, but for a day that has one: after going
  // back to a day that was passed over, its own is where the correction is.
  std::vector<KeyValue> day_boundaries;
};

// What ticks, in log order, make of a calendar that stands at `horizon_days`.
CalendarChange MoveCalendar(const std::vector<Tick>& ticks, int32_t horizon_days);

// Whether the boundary's day is after `day`.
bool IsAfter(const std::string& boundary_key, int32_t day);

}  // namespace kpr
