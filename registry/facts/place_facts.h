// Places applied for, granted and declined, and the room taken.
#pragma once

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> PlaceFacts();

constexpr bool IsApplicationFact(FactKind kind) {
  return kind == FactKind::kPlaceApplied || kind == FactKind::kPlaceGranted ||
         kind == FactKind::kPlaceDeclined;
}

// Of the facts of an application.
struct PlaceFact {
  const Fact& fact;
  uint16_t service_type() const { return fact.code; }      // kodeverk 9151
  uint64_t application() const { return fact.reference; }  // the sender's application
};

}  // namespace kpr
