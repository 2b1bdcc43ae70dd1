// Places applied for, granted and declined, and the room taken.
#pragma once

#include <optional>

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

// Of kPlaceDeclined.
struct PlaceDeclinedFact {
  const Fact& fact;
  // kpr.v1.PlaceDeclined.By; none: not told.
  std::optional<int32_t> by() const {
    return fact.value_count == 0 ? std::nullopt : std::optional(fact.value(0));
  }
};

}  // namespace kpr
