// Who a person is: details, identity, reservations.
#pragma once

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> PersonFacts();

// Of kPersonDetails.
struct PersonDetailsFact {
  const Fact& fact;
  uint16_t sex() const { return fact.code; }             // kodeverk 3101
  Date birth() const { return {fact.value(0)}; }         // kUnknownDay where not known
  int32_t death_day() const { return fact.value(1); }    // kUnknownDay where alive
  int32_t death_place() const { return fact.value(2); }  // kpr.v1.DeathPlace
};

// Of kReservation.
struct ReservationFact {
  const Fact& fact;
  uint16_t purpose() const { return fact.code; }  // kpr.v1.Reservation.Purpose
  bool withdrawn() const { return fact.value(0) != 0; }
};

}  // namespace kpr
