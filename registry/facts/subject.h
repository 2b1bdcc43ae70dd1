// Whose timelines an event belongs to. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kpr/v1/event.pb.h"

namespace kpr {

// The number of a sender in stored facts and findings.
uint64_t SenderNumber(std::string_view sender);

// The subject of an event that has passed the ingest edge. kInvalid where it has none.
Result<SubjectId> SubjectOf(const v1::Event& event);

// Its subject, and for an identity change the new identity as well.
Result<std::vector<SubjectId>> TimelinesOf(const v1::Event& event);

}  // namespace kpr
