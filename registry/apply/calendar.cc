#include "registry/apply/calendar.h"

#include <algorithm>

#include "base/bytes.h"

namespace kpr {

bool IsAfter(const std::string& boundary_key, int32_t day) {
  return static_cast<int32_t>(ByteReader(boundary_key).BigEndian<uint32_t>()) > day;
}

CalendarChange MoveCalendar(const std::vector<Tick>& ticks, int32_t horizon_days) {
  CalendarChange change{horizon_days, {}, {}};
  for (const Tick& tick : ticks) {
    if (tick.set_back ? tick.day >= change.horizon_days : tick.day <= change.horizon_days) continue;
    change.horizon_days = tick.day;
    if (tick.set_back) {
      change.moved_back_to = std::min(tick.day, change.moved_back_to.value_or(tick.day));
      std::erase_if(change.day_boundaries, [&](const KeyValue& b) { return IsAfter(b.first, tick.day); });
    }
    KeyValue boundary;
    PutBigEndian(&boundary.first, static_cast<uint32_t>(tick.day));
    PutVarint(&boundary.second, tick.offset);
    const auto same_day = [&](const KeyValue& b) { return b.first == boundary.first; };
    if (std::none_of(change.day_boundaries.begin(), change.day_boundaries.end(), same_day))
      change.day_boundaries.push_back(std::move(boundary));
  }
  return change;
}

}  // namespace kpr
