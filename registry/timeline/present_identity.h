// Who somebody is now: follows changes of identity to the present one. Pure but for what it is given to read
// with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "registry/timeline/in_force.h"

namespace kpr {

// The bytes of a timeline; empty: nothing is held.
using ReadTimeline = std::function<Result<std::string>(const SubjectId&)>;

// Filled in place: what it holds are views of `timeline`.
struct PresentIdentity {
  PresentIdentity() = default;
  PresentIdentity(const PresentIdentity&) = delete;
  PresentIdentity& operator=(const PresentIdentity&) = delete;

  SubjectId subject;
  std::string timeline;
  std::vector<Fact> versions;
  Belonging belonging;

  bool known() const { return !belonging.versions.empty(); }
  std::vector<SubjectId> All() const;  // the present one first
};

Status FindPresentIdentity(SubjectId subject, const ReadTimeline& read, PresentIdentity* found);

}  // namespace kpr
