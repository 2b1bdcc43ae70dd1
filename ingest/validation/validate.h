// What can be judged from one event alone. Pure. What needs other events is a finding, made by the registry.
#pragma once

#include <optional>
#include <string>

#include "base/date.h"
#include "kpr/v1/event.pb.h"

namespace kpr {

// Why an event is refused: a stable code, the field's path and the reason in both languages. Never quotes an
// identity number.
struct Violation {
  std::string code, field, nb, en;
};

// `received_at_ms` bounds what may lie in the future. nullopt: in order.
std::optional<Violation> Validate(const v1::Event& event, int64_t received_at_ms);

}  // namespace kpr
