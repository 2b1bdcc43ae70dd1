#include "extracts/rows/eligible.h"

#include <algorithm>
#include <map>

#include "kpr/v1/event.pb.h"
#include "registry/facts/person_facts.h"

namespace kpr::extract {
namespace {

// Against any of the purposes, by the latest word on each.
bool Reserved(const SubjectState& state, std::initializer_list<v1::Reservation::Purpose> purposes) {
  std::map<uint16_t, bool> in_force;
  for (const Fact& fact : state.effective) {
    if (fact.kind != FactKind::kReservation) continue;
    const ReservationFact reservation{fact};
    in_force[reservation.purpose()] = !reservation.withdrawn();
  }
  return std::any_of(purposes.begin(), purposes.end(), [&](v1::Reservation::Purpose purpose) {
    return in_force[static_cast<uint16_t>(purpose)];
  });
}

}  // namespace

bool MayBeGiven(const SubjectState& state, Date first, Date last) {
  if (state.merged ||
      Reserved(state, {v1::Reservation::PURPOSE_RESEARCH, v1::Reservation::PURPOSE_REGISTRATION}))
    return false;
  const std::vector<int> years = ManyMunicipalityYears(state);
  return std::none_of(years.begin(), years.end(),
                      [&](int year) { return first.year() <= year && year <= last.year(); });
}

bool MayBeLinked(const SubjectState& state, Date first, Date last) {
  return MayBeGiven(state, first, last) &&
         !Reserved(state, {v1::Reservation::PURPOSE_DISCLOSURE_WITH_IDENTITY});
}

}  // namespace kpr::extract
