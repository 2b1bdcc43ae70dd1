// What is planned and done for a person: plans, coordinators, teams, visits, what is begun and ended.
#pragma once

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> PlanFacts();

// Of what is begun and ended: plans, coordinator, team, everyday rehabilitation, monitoring.
struct EndableFact {
  const Fact& fact;
  bool ended() const { return fact.value(0) != 0; }
};

// Of kPreventiveHomeVisit: Fact::code.
enum class HomeVisit : uint16_t { kMade = 0, kDeclined = 1 };

}  // namespace kpr
