// The first half of the fold: which versions belong to a subject, and which of each original is in force.
#pragma once

#include <set>
#include <vector>

#include "registry/timeline/subject_state.h"

namespace kpr {

struct InForce {
  std::vector<const Fact*> facts;  // winners, in no order
  std::vector<TimelineFinding> findings;
  const Fact* merged_by = nullptr;  // the identity change that takes this subject's timeline away
};

// What belongs to a subject, in force or not: the versions whose paths of changed identities hold, each event
// once.
struct Belonging {
  std::vector<const Fact*> versions;
  const Fact* merged_by = nullptr;  // as in InForce
  std::vector<SubjectId> former;    // identities that have become this one, by changes that hold
};

Belonging SelectBelonging(SubjectId subject, const std::vector<Fact>& versions);
InForce SelectInForce(SubjectId subject, const std::vector<Fact>& versions);
// The identities that this one is changed to, now or in a version that no longer counts: the first few in the
// order of the log (limits::kIdentityTargets). Changes to others do not count.
std::set<SubjectId> IdentityTargets(SubjectId subject, const std::vector<Fact>& versions);

}  // namespace kpr
