// The naive batch: every figure from all effective events at once, the slow and obvious way. It shares no
// code with the fold and the engine but the definition language and the cell key, and is written differently
// on purpose: it groups events by final identity, walks day by day and asks each question of the
// events again. `kpr verify` and the property tests compare the registry with it.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "indicators/reference/naive_component.h"

namespace kpr::naive {

// Who each subject finally is, from all identity changes. Empty name: a ring of three or more, nobody.
class Identities {
 public:
  explicit Identities(const std::vector<OwnedEvent>& changes);
  std::string Final(const std::string& name) const;

 private:
  std::map<std::string, std::string> last_;
};

std::string SubjectName(const v1::Subject& subject);
// Local ids are the owner's own: makes them different from every other owner's.
void QualifyIds(OwnedEvent* event);

// Events of one final identity.
using EventsBySubject = std::unordered_map<std::string, std::vector<const OwnedEvent*>>;

// Adds what the subjects contribute, period by period up to the end of the horizon's month, and the
// facts of each municipality and month under kFactsIndicator.
void AddSubjects(const EventsBySubject& events_by_subject, const Catalogue& catalogue, Date horizon,
                 ExpectedCells* cells);

}  // namespace kpr::naive
