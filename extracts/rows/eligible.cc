#include "extracts/rows/eligible.h"

#include <algorithm>
#include <map>

#include "kpr/v1/event.pb.h"
#include "registry/facts/person_facts.h"

namespace kpr::extract {
namespace {

bool Reserved(const SubjectState& state) {
  std::map<uint16_t, bool> in_force;  // by purpose: the latest word
  for (const Fact& fact : state.effective) {
    if (fact.kind != FactKind::kReservation) continue;
    const ReservationFact reservation{fact};
    in_force[reservation.purpose()] = !reservation.withdrawn();
  }
  return in_force[v1::Reservation::PURPOSE_RESEARCH] || in_force[v1::Reservation::PURPOSE_REGISTRATION];
}

}  // namespace

bool MayBeGiven(const SubjectState& state, Date first, Date last) {
  if (state.merged || Reserved(state)) return false;
  const std::vector<int> years = ManyMunicipalityYears(state);
  return std::none_of(years.begin(), years.end(),
                      [&](int year) { return first.year() <= year && year <= last.year(); });
}

}  // namespace kpr::extract
