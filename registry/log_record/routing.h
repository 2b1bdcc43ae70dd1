// Which partition a log record belongs to.
#pragma once

#include "base/ids.h"

namespace kpr {

// The partition a subject lives in. Part of the log's format: never changes.
inline uint32_t PartitionOf(const SubjectId& subject, uint32_t partitions) {
  return static_cast<uint32_t>(subject.hash() % partitions);
}

}  // namespace kpr
