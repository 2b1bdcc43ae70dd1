#include "indicators/disclosure/policy.h"

namespace kpr::disclosure {
namespace {

// 1 up to the threshold; 0 too where zeros are protected.
bool Few(const v1::DisclosurePolicy& policy, int64_t persons) {
  return persons <= policy.hide_up_to() && (persons > 0 || policy.zeros() == v1::ZEROS_PROTECTED);
}

}  // namespace

bool HiddenByRule(const v1::DisclosurePolicy& policy, const Behind& behind) {
  if (behind.inhabitants && policy.inhabitants_at_least() > 0 &&
      *behind.inhabitants < policy.inhabitants_at_least()) {
    return true;
  }
  if (Few(policy, behind.persons)) return true;
  if (policy.complement() && behind.rest && Few(policy, *behind.rest)) return true;
  if (behind.denominator && *behind.denominator > 0 && *behind.denominator <= policy.denominator_up_to())
    return true;
  return behind.providers && *behind.providers > 0 && *behind.providers < policy.providers_at_least();
}

bool SeriesHidden(const v1::DisclosurePolicy& policy, int hidden, int periods) {
  return policy.series_share() > 0 && hidden > policy.series_share() * periods;
}

}  // namespace kpr::disclosure
