// Contacts with municipal health services that nobody decides on beforehand.
#pragma once

#include <optional>

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> ContactFacts();

// Of kContact.
struct ContactFact {
  const Fact& fact;
  uint16_t service() const { return fact.code; }  // kpr.v1.Contact.Service
  // The day of the referral that led to it; none: not told.
  std::optional<Date> referred_on() const {
    return fact.value_count == 0 ? std::nullopt : std::optional(fact.occurred_on - fact.value(0));
  }
};

}  // namespace kpr
