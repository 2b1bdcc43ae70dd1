// Facts that not all senders have. Indicators about them cover the municipalities that tell them: each such
// kind of fact, or what of it is told, has a coverage of its own, kept by its number in the cells of
// kOwnCoverageIndicator. Pure.
#pragma once

#include <cstdint>
#include <set>

#include "indicators/evaluation/component_plan.h"
#include "registry/facts/fact.h"

namespace kpr {

// Stored. Contacts are 1 to 8, by service.
enum class OwnCoverage : uint8_t {
  kDischarge = 32,
  kReadyDays,  // discharges that tell since when the person was ready
  kMedicines,
  kPalliativePlan,  // of this and the next two: one that begins
  kFollowUpTeam,
  kDigitalHomeMonitoring,
  kInformalCare,
  kDeclinedBy,  // declines that tell by whom
  kDeclinedVisit,
  kAssistanceApplied,
  kHousingApplied,
};

// What the fact shows that its municipality tells.
std::set<int> OwnCoverageOf(const Fact& fact);
// What has to be told for the component, or the predicate alone.
std::set<int> OwnCoverageOf(const ComponentPlan& component);
std::set<int> OwnCoverageOf(const PredicatePlan& predicate);
// Whether it is told by the year: contacts and discharges are many, and a year without any was not told. Else
// it is told from the year of the first on.
bool IsToldByYear(int own_coverage);

}  // namespace kpr
