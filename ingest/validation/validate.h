// What can be judged from one event alone. Pure. What needs other events is a finding, made by the registry.
#pragma once

#include <optional>

#include "kpr/v1/event.pb.h"
#include "registry/facts/violation.h"

namespace kpr {

// `received_at_ms` bounds what may lie in the future. nullopt: in order.
std::optional<Violation> Validate(const v1::Event& event, int64_t received_at_ms);

}  // namespace kpr
