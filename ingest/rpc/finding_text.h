// The words of findings, and their stable codes.
#pragma once

#include "kpr/v1/ingest.pb.h"
#include "registry/timeline/history.h"

namespace kpr {

v1::Finding ToProto(const TimelineFinding& finding);

}  // namespace kpr
