// A sender's chain: which of its events have come, seen from sequence numbers and from the link each event
// makes to the one before. Kept as unbroken runs, so an in-order sender costs one run however long it sends.
// A pure function of the set of links, as long as they agree with each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace kpr {

struct ChainLink {
  uint64_t sequence = 0;
  Uuid event_id;
  Uuid previous;  // all zero: the first of the chain
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

  const std::vector<ChainRun>& runs() const { return runs_; }  // by sequence
  uint64_t events() const;
  // Whether the first run begins at the beginning.
  bool begins_at_start() const { return !runs_.empty() && runs_.front().first_previous.is_zero(); }
  // Holes between runs, and before the first.
  uint32_t gaps() const;

  std::string Encode() const;
  static bool Decode(std::string_view bytes, Chain* chain);

 private:
  std::vector<ChainRun> runs_;
};

}  // namespace kpr
