// Suppression and attack together: what a release hides, and the proof that it is enough. Pure.
#pragma once

#include "base/status.h"
#include "indicators/disclosure/attack.h"
#include "indicators/disclosure/model.h"
#include "indicators/disclosure/suppression.h"

namespace kpr::disclosure {

struct ProtectionOptions {
  SuppressionOptions suppression;
  AttackOptions attack;
};

struct Protection {
  Hidden hidden;
  AttackReport report;  // on `hidden`: nothing in it is exact or narrow
  size_t primary = 0;
  size_t secondary = 0;
  size_t widened = 0;  // of the secondary, hidden because an interval was too narrow
};

// Suppresses, attacks, and hides more beside each cell that the attack finds exact or too narrow, until it
// finds none. Fails with kFailedPrecondition where cells that must be shown give a hidden one away; the
// message names its index.
Result<Protection> Protect(const Model& model, const ProtectionOptions& options);

// The second half of it: attacks what is hidden already, and hides more beside what is exact or too narrow.
Result<Protection> HideUntilWide(const Model& model, Hidden hidden, const AttackOptions& options);

}  // namespace kpr::disclosure
