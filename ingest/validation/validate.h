// What can be judged from one event alone. Pure. What needs other events is a finding, made by the registry.
#pragma once

#include <vector>

#include "ingest/validation/instruments.h"
#include "kpr/v1/event.pb.h"
#include "registry/facts/violation.h"

namespace kpr {

// The first thing that is wrong with each part of the event: ids, status, times, municipality, subject, fact.
// What depends on the date is judged only where there is one. `received_at_ms` bounds what may lie in the
// future. Empty: in order.
std::vector<Violation> Validate(const v1::Event& event, int64_t received_at_ms,
                                const Instruments& instruments);

}  // namespace kpr
