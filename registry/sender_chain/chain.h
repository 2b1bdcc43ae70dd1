// A sender's chain: which of its events have come, seen from sequence numbers and from the link each event
// makes to the one before. Kept as contiguous runs, so an in-order sender costs one run however long it
// sends. A pure function of the set of links, as long as they agree with each other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace kpr {

struct ChainLink {
  uint64_t sequence = 0;
  Uuid event_id;
  Uuid previous;  // all zero: the first of the chain
  // What control totals count; month -1: a declaration itself.
  Municipality municipality;
  int32_t month = -1;  // since year 0, of the fact
};

// A sender's word that all events of some months have been sent, and how many they are.
struct Declaration {
  Uuid original;  // the event that a later version of the declaration refers to
  uint64_t sequence = 0;
  bool annulled = false;
  Municipality municipality;
  int32_t first_month = 0, last_month = 0;
  uint64_t events = 0;  // 0: not counted
};

struct ChainRun {
  uint64_t first_sequence = 0;
  Uuid first_previous;
  uint64_t last_sequence = 0;
  Uuid last_event;
  uint64_t events = 0;
};

class Chain {
 public:
  // False for a link that is known already (its sequence lies inside a run).
  bool Add(const ChainLink& link);

  // Of the versions of a declaration the one with the highest sequence counts, in whatever order they come.
  void Declare(const Declaration& declaration);

  // Declarations whose number is not that of the events that have come, corrections included.
  struct Mismatch {
    Declaration declared;
    uint64_t received = 0;
  };
  std::vector<Mismatch> Mismatches() const;

  // The sender's word that what has not come of the sequences above `after` and below `before` never will. It
  // counts for every gap that lies within, also for one between neighbouring sequences.
  void CloseGaps(uint64_t after, uint64_t before);

  const std::vector<ChainRun>& runs() const { return runs_; }  // by sequence
  uint64_t events() const;
  // Whether the first run begins at the beginning.
  bool begins_at_start() const { return !runs_.empty() && runs_.front().first_previous.is_zero(); }
  // Holes between runs, and before the first, that are not closed.
  struct Gap {
    uint64_t after = 0, before = 0;  // sequences that have come; after 0: from the beginning
    Uuid expected;                   // the event before `before`, as that one names it
  };
  std::vector<Gap> OpenGaps() const;
  // The last of the runs that no open gap is before; none: not even the first.
  const ChainRun* Contiguous() const;

  std::string Encode() const;
  static bool Decode(std::string_view bytes, Chain* chain);

 private:
  bool AddToRuns(const ChainLink& link);
  bool IsOpen(size_t run) const;  // whether there is an open gap before it
  void DropOldestDeclaration();

  std::vector<ChainRun> runs_;
  std::map<std::pair<uint16_t, int32_t>, uint64_t> received_;  // events, by municipality and month
  std::map<Uuid, Declaration> declarations_;                   // by original
  std::map<uint64_t, uint64_t> closed_;  // from a sequence to another; two of them share at most one
};

}  // namespace kpr
