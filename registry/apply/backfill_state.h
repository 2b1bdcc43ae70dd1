// What a store's cells are computed by: the versions that are complete, and those that are still being
// computed from the timelines, subject by subject, beside them. Stored as text (docs/formats.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "registry/codelists/code_ends.h"

namespace kpr {

// One version: its number is the first part of its cells' keys.
struct IndicatorVersion {
  uint32_t number = 0;
  uint64_t definition_hash = 0;
  std::string name;  // without white space
  auto operator<=>(const IndicatorVersion&) const = default;
};

struct BackfillState {
  std::vector<IndicatorVersion> complete, pending;  // by number
  std::string cursor;  // subjects up to and with this one have the pending versions; empty: none has
  CodeEnds code_ends;  // of municipalities' codes, by which reports count until then

  bool backfilling() const { return !pending.empty(); }
  bool Has(uint32_t number) const;
  std::string Encode() const;
  // Of cells in another format nothing is complete: they are not read.
  static bool Decode(std::string_view text, BackfillState* state);
};

// Whether a store with this text has cells by these ends of codes, given as CodeEnds::Encode does. An empty
// store has none.
bool ComputedByEnds(std::string_view text, std::string_view code_ends);

struct BackfillTransition {
  BackfillState after;
  std::vector<uint32_t> dropped;  // versions whose cells must go, those to be filled among them
};

// From what is computed to what is wanted; the ends of codes stay. A version that has another content under
// its number is kFailedPrecondition: it would change what has been answered under that name.
Result<BackfillTransition> TransitionTo(const BackfillState& before, std::vector<IndicatorVersion> wanted);

}  // namespace kpr
