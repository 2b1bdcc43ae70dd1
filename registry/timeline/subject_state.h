// The fold: from all stored versions of one subject to what holds. A pure function of the set of versions;
// the order they came in takes no part, but for two different contents under one event id, where the first in
// the log counts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "registry/facts/fact.h"

namespace kpr {

struct ProviderFrom {
  Date from;
  Provider provider;
};

// Not given on the days [from, until).
struct Pause {
  Date from;
  Date until = kNoEnd;
  uint64_t id = 0;
};

// One service from its first to its last day, both included.
struct Spell {
  uint64_t service = 0;
  uint16_t type = 0;  // kodeverk 9151
  Municipality municipality;
  Date start;
  Date end = kNoEnd;
  int32_t hours = 0;  // per week, hundredths
  Uuid start_event;
  uint64_t start_sequence = 0;
  uint64_t sender = 0;
  std::vector<ProviderFrom> providers;  // by date; the first from `start`
  std::vector<Pause> pauses;

  bool ActiveOn(Date day) const { return start <= day && day <= end; }
  bool PausedOn(Date day) const;
  // Of two on one day, the one its sender numbered later; between senders, the one of the higher sender's
  // number.
  bool BeganAfter(const Spell& other) const {
    if (start != other.start) return start > other.start;
    if (sender != other.sender) return sender > other.sender;
    if (start_sequence != other.start_sequence) return start_sequence > other.start_sequence;
    return start_event > other.start_event;
  }
  Provider ProviderOn(Date day) const;
};

enum class FindingCode : uint8_t {
  kUnknownOriginal = 1,
  kConflictingContent = 2,
  kEndWithoutStart = 3,
  kStartWhileRunning = 4,
  kPauseWithoutService = 5,
  kPauseWithoutEnd = 6,
  kResumeWithoutPause = 7,
  kOverlap = 8,
  kTooManyHours = 9,
  kAfterDeath = 10,
  kBeforeBirth = 11,
  kManyMunicipalities = 12,
  kIdentityCycle = 13,
  kResponseWithoutInvitation = 14,
  kGrantWithoutApplication = 15,
  kProviderChangeWithoutService = 16,
  kIdentityChainTooLong = 17,
  kTooManyIdentityChanges = 18,
  kNotYourEvent = 19,
  kCorrectedByAnother = 20,
  kTooManyFacts = 21,
  kCorrectionBeforeOriginal = 22,
  kResponseAgain = 23,
};

struct TimelineFinding {
  FindingCode code{};
  Uuid event_id;
  Uuid related;
  Municipality municipality;
  uint64_t sender = 0;
  auto operator<=>(const TimelineFinding&) const = default;
};

// What was found about `fact`, beside the event `related`.
inline TimelineFinding Found(FindingCode code, const Fact& fact, Uuid related = {}) {
  return {code, fact.event_id, related, fact.municipality, fact.sender};
}

// A version that belongs to another identity of the same person as well.
struct Forwarded {
  SubjectId to;
  std::string fact;  // encoded, with its path
  auto operator<=>(const Forwarded&) const = default;
};

struct SubjectState {
  SubjectId subject;
  bool merged = false;          // another identity has taken over: contributes nothing itself
  std::vector<Fact> effective;  // by date; views into the timeline's bytes
  std::vector<Spell> spells;    // by start
  Date birth{kUnknownDay};
  Date death = kNoEnd;
  uint16_t sex = 0;
  int death_place = 0;                    // kpr.v1.DeathPlace
  std::vector<TimelineFinding> findings;  // sorted
};

// Folds `versions` (as DecodeFacts gave them) of `subject`.
SubjectState Fold(SubjectId subject, const std::vector<Fact>& versions);

// What the subject's former and present identities must be forwarded, as a set. Deterministic.
std::vector<Forwarded> ForwardedFacts(SubjectId subject, const std::vector<Fact>& versions);

// The first day on which anything about the two can differ; kNoEnd if nothing can. Every measure of a period
// depends on earlier facts only, so periods that end before that day are the same for both.
Date FirstDifference(const SubjectState& before, const SubjectState& after);

// Years in which five municipalities or more report facts of this person: a test person, by the cleaning rule
// of the statistics producers. It counts nowhere in those years. Contacts do not count: one can have them
// anywhere.
std::vector<int> ManyMunicipalityYears(const SubjectState& state);

}  // namespace kpr
