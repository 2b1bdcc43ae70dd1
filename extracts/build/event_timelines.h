// Timelines made of events in memory: of a synthetic country, for dummy files.
#pragma once

#include <map>
#include <string>

#include "extracts/build/timeline_source.h"
#include "kpr/v1/event.pb.h"
#include "registry/pseudonym/pseudonymizer.h"

namespace kpr::extract {

class EventTimelines : public TimelineSource {
 public:
  // `pseudonymizer` outlives it.
  explicit EventTimelines(const Pseudonymizer* pseudonymizer) : pseudonymizer_(pseudonymizer) {}

  // As a sender would give it. Of persons alone; others are passed over, and changes of identity.
  Status Add(v1::Event event, std::string_view sender);
  size_t persons() const { return timelines_.size(); }

  Status ForEach(uint32_t of_256, const TakeTimeline& take,
                 const std::function<void(double)>& done) const override;
  Status Read(const std::vector<SubjectId>& persons, const TakeTimeline& take) const override;

 private:
  const Pseudonymizer* pseudonymizer_;
  std::map<SubjectId, std::string> timelines_;
  uint64_t offset_ = 0;
};

}  // namespace kpr::extract
