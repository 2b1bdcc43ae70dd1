// The rules by which a figure must be hidden for its own sake. Policies are data (`DisclosurePolicy` of a
// plan); this is what they mean. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "kpr/v1/publication.pb.h"

namespace kpr::disclosure {

// What stands behind one figure, whatever it measures.
struct Behind {
  int64_t persons = 0;                 // different persons counted
  std::optional<int64_t> rest;         // of a share: those of the denominator who are not counted
  std::optional<int64_t> denominator;  // persons in the denominator
  std::optional<int64_t> providers;    // where amounts are reported by providers
  std::optional<int64_t> inhabitants;  // of the area, where known
};

// Whether a primary rule of the policy hides the figure. Why it does is no one's business: all hidden figures
// have one reason.
bool HiddenByRule(const v1::DisclosurePolicy& policy, const Behind& behind);

// Whether the whole series is hidden: `hidden` of its `periods` figures are.
bool SeriesHidden(const v1::DisclosurePolicy& policy, int hidden, int periods);

}  // namespace kpr::disclosure
