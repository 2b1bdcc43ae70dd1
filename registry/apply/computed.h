// What a store's cells are computed by: the figures that are complete, and those that are still being
// computed from the timelines, subject by subject, beside them. Stored as text (docs/formats.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kpr {

// One figure: its number is the first part of its cells' keys.
struct Figure {
  uint32_t number = 0;
  uint64_t content = 0;  // hash of how it is computed
  std::string name;      // without white space
  auto operator<=>(const Figure&) const = default;
};

struct Computed {
  std::vector<Figure> complete, pending;  // by number
  std::string cursor;  // subjects up to and with this one have the pending figures; empty: none has

  bool backfilling() const { return !pending.empty(); }
  bool Has(uint32_t number) const;
  std::string Encode() const;
  static bool Decode(std::string_view text, Computed* computed);
};

struct ComputedChange {
  Computed after;
  std::vector<uint32_t> dropped;  // figures whose cells must go
};

// From what is computed to what is wanted. A figure that has another content under its number is kConflict:
// it would change what has been answered under that name.
Result<ComputedChange> ChangeTo(const Computed& before, std::vector<Figure> wanted);

}  // namespace kpr
