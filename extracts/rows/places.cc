#include "extracts/rows/places.h"

#include "indicators/cells/cell.h"

namespace kpr::extract {
namespace {

// Numbers that no municipality has.
constexpr Value kSex = 100'000, kAge = 200'000;

}  // namespace

std::vector<Value> PlacesOf(const SubjectState& state, Date first, Date last, ReleasedBy by) {
  std::vector<Value> places;
  if (by == ReleasedBy::kNothing) return places;
  for (const Fact& fact : state.effective) {
    if (first <= fact.occurred_on && fact.occurred_on <= last && fact.municipality.code != 0)
      places.push_back(fact.municipality.code);
  }
  for (const Spell& spell : state.spells) {
    if (spell.start <= last && LastDay(spell, state) >= first) places.push_back(spell.municipality.code);
  }
  if (by == ReleasedBy::kMunicipality) return places;
  places.push_back(kSex + state.sex);
  if (by == ReleasedBy::kMunicipalityAndSex) return places;
  for (int band = AgeBand(state.birth, first); band <= AgeBand(state.birth, last); ++band)
    places.push_back(kAge + band);
  return places;
}

}  // namespace kpr::extract
