// The timelines of a registry, read in short pieces beside what is applied to it.
#pragma once

#include <vector>

#include "extracts/build/timeline_source.h"
#include "registry/read/registry_reader.h"

namespace kpr::extract {

class RegistryTimelines : public TimelineSource {
 public:
  // `registry` outlives it. kUnavailable, when it is read: a partition is not at the position.
  RegistryTimelines(const RegistryReader* registry, std::vector<uint64_t> positions)
      : registry_(registry), positions_(std::move(positions)) {}

  Status ForEach(uint32_t of_256, const TakeTimeline& take,
                 const std::function<void(double)>& done) const override;
  Status Read(const std::vector<SubjectId>& persons, const TakeTimeline& take) const override;

 private:
  Result<std::shared_ptr<const PartitionReader>> StoreOf(uint32_t partition) const;

  const RegistryReader* registry_;
  const std::vector<uint64_t> positions_;
};

}  // namespace kpr::extract
