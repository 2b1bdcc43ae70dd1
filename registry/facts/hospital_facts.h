// What hospitals tell municipalities of their inhabitants.
#pragma once

#include <optional>

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> HospitalFacts();

// Of kHospitalDischarge.
struct HospitalDischargeFact {
  const Fact& fact;
  // Days in hospital after the person was ready to leave; none: not told when that was.
  std::optional<int32_t> ready_days() const {
    return fact.value_count == 0 ? std::nullopt : std::optional(fact.value(0));
  }
};

}  // namespace kpr
