// Who came into services or left them, or left hospital, and when a fact followed, day by day. Reference
// only; never fast.
#pragma once

#include <optional>
#include <vector>

#include "indicators/reference/naive_cell_writer.h"
#include "indicators/reference/naive_subject.h"
#include "kpr/v1/definition.pb.h"

namespace kpr::naive {

struct FollowUp {
  Date from, up;            // the days are up on `up`
  Place place;              // where it counts
  std::optional<int> days;  // until the first fact, or in services again; none came
};

// Of those alive when the days are up.
std::vector<FollowUp> FollowUpsOf(const Subject& subject, const v1::FollowUp& definition);

}  // namespace kpr::naive
