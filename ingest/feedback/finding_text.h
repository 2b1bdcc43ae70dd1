// Codes and texts of findings: one table.
#pragma once

#include <span>
#include <string>

#include "kpr/v1/ingest.pb.h"
#include "registry/timeline/subject_state.h"

namespace kpr {

struct FindingDescriptor {
  FindingCode code;
  const char* name;  // stable, upper case
  const char *nb, *en;
  const char* cure;  // what the sender can do
};

std::span<const FindingDescriptor> FindingDescriptors();
std::string FindingName(FindingCode code);
v1::FindingCount ToProto(FindingCode code, uint64_t count);
v1::Finding ToProto(const TimelineFinding& finding);

}  // namespace kpr
