// Random small worlds, made to be hostile: few subjects, few dates, so that everything collides.
#pragma once

#include <random>
#include <vector>

#include "base/date.h"
#include "kpr/v1/event.pb.h"

namespace kpr::test {

struct RandomHistory {
  std::vector<v1::Event> events;  // in the order they were registered
  std::vector<Date> horizons;
};

RandomHistory MakeHistory(uint64_t seed);
// Gives the event another day, without a day of referral or readiness that would be after it: the door
// refuses those.
void SetDay(Date on, v1::Event* event);

}  // namespace kpr::test
