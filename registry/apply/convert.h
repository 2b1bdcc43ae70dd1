// From the contract's events to the registry's facts. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kpr/v1/event.pb.h"

namespace kpr {

uint32_t SenderNumber(std::string_view sender);

// The subject of an event that has passed the ingest edge. kInvalid where it has none.
Result<SubjectId> SubjectOf(const v1::Event& event);

// Whose timelines the event belongs to: its subject, and for an identity change the new identity as well.
Result<std::vector<SubjectId>> TimelinesOf(const v1::Event& event);

// The partition a subject lives in. Part of the log's format: never changes.
inline uint32_t PartitionOf(const SubjectId& subject, uint32_t partitions) {
  return static_cast<uint32_t>(subject.hash() % partitions);
}

// The stored form of the event's fact. kInvalid where the event could not have passed validation.
Result<std::string> EncodeEvent(const v1::Event& event, uint32_t sender, uint64_t offset);

}  // namespace kpr
