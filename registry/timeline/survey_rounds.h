// Who was asked by a questionnaire, when, and what they answered. Pure.
#pragma once

#include <utility>
#include <vector>

#include "registry/facts/fact.h"

namespace kpr {

// An invitation that counts, and the first response to it; none: null.
struct SurveyRound {
  const Fact* invitation = nullptr;
  const Fact* response = nullptr;
};

struct SurveyRounds {
  std::vector<SurveyRound> rounds;                            // by date, of all instruments
  std::vector<const Fact*> uninvited;                         // responses before any invitation
  std::vector<std::pair<const Fact*, const Fact*>> repeated;  // a further response, and the one that counts
};

// A further invitation by the same instrument, of the same kind of respondent, is a reminder where it comes
// in the same calendar year as the one that counts, or within 90 days of it. A response belongs to the last
// invitation that counts, of its day or earlier. `effective` is in order, as SubjectState has it.
SurveyRounds SurveyRoundsOf(const std::vector<Fact>& effective);

}  // namespace kpr
