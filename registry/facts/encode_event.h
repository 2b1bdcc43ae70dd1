// From an event of the log to its stored fact. Pure.
#pragma once

#include <string>

#include "base/status.h"
#include "kpr/v1/event.pb.h"

namespace kpr {

// kInvalid where the event could not have passed validation.
Result<std::string> EncodeEvent(const v1::Event& event, uint64_t sender, uint64_t offset);

}  // namespace kpr
