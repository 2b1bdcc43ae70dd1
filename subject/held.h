// From a person's timeline to what is held on them, in words. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kpr/v1/subject.pb.h"
#include "registry/timeline/subject_state.h"

namespace kpr {

using SenderNames = std::map<uint64_t, std::string>;  // by SenderNumber

// Fills in details, spells, facts, findings and reservations. `state` is folded of a timeline, `versions` are
// those of it that belong to the person.
void AddHeld(const SubjectState& state, const std::vector<const Fact*>& versions, const SenderNames& senders,
             v1::SubjectAccess* access);

}  // namespace kpr
