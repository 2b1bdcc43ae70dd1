// Timelines of persons, as they were at one position of the log.
#pragma once

#include <functional>
#include <vector>

#include "base/status.h"
#include "registry/facts/fact.h"

namespace kpr::extract {

// False ends the reading.
using TakeTimeline = std::function<bool(const SubjectId&, const std::vector<Fact>&)>;

class TimelineSource {
 public:
  virtual ~TimelineSource() = default;
  // Every person, or about so many of 256 of them. `done` is told which share has been read.
  virtual Status ForEach(uint32_t of_256, const TakeTimeline& take,
                         const std::function<void(double)>& done) const = 0;
  // Those named, in their order.
  virtual Status Read(const std::vector<SubjectId>& persons, const TakeTimeline& take) const = 0;
};

}  // namespace kpr::extract
