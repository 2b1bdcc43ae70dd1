#include "extracts/rows/places.h"

#include <algorithm>

#include "base/calendar.h"
#include "indicators/cells/cell.h"
#include "indicators/geography/structure.h"

namespace kpr::extract {
namespace {

// Values of several kinds in one list: no number is of two.
enum class Part : Value { kMunicipality = 1, kFact, kBegin, kEnd, kSex, kBand };
constexpr Value kMonths = 100'000, kCodes = 10'000, kThings = 1'000;

Value Pack(Part part, Value thing, Value code, Value month) {
  return ((static_cast<Value>(part) * kThings + thing) * kCodes + code) * kMonths + month;
}

// A municipality, and for what from when until when.
struct Place {
  uint16_t municipality = 0;
  Value details[2] = {};
};

std::vector<Place> AllOf(const SubjectState& state, Date first, Date last) {
  std::vector<Place> places;
  for (const Fact& fact : state.effective) {
    // Who has applied can wait for years, in the municipality of the application.
    const bool counts = first <= fact.occurred_on || fact.kind == FactKind::kPlaceApplied;
    if (!counts || fact.occurred_on > last || fact.municipality.code == 0) continue;
    const Value detail = Pack(Part::kFact, static_cast<Value>(fact.kind), fact.municipality.code,
                              MonthOf(std::max(fact.occurred_on, first)));
    places.push_back({fact.municipality.code, {detail, detail}});
  }
  for (const Spell& spell : state.spells) {
    const Date end = LastDay(spell, state);
    if (spell.start > last || end < first) continue;
    const auto at = [&](Part part, Date day) {
      return Pack(part, spell.type, spell.municipality.code, MonthOf(day));
    };
    places.push_back({spell.municipality.code,
                      {at(Part::kBegin, std::max(spell.start, first)), at(Part::kEnd, std::min(end, last))}});
  }
  return places;
}

// Not where the municipality got another code or became part of another: that is one municipality at each
// time.
bool Moved(const std::vector<Place>& places, Date first, Date last) {
  for (int year = first.year(); year <= last.year(); ++year) {
    const Structure& structure = Structure::Of(year);
    uint16_t one = 0;
    for (const Place& place : places) {
      const uint16_t municipality = structure.MunicipalityOf({place.municipality}).code;
      if (municipality != 0 && one != 0 && municipality != one) return true;
      if (municipality != 0) one = municipality;
    }
  }
  return false;
}

void AddBands(const SubjectState& state, Date first, Date last, std::vector<Value>* places) {
  int band = -1;
  for (int month = MonthOf(first); month <= MonthOf(last); ++month) {
    const int now = AgeBand(state.birth, MonthEnd(month));
    if (now != band) places->push_back(Pack(Part::kBand, now, 0, band < 0 ? 0 : month));
    band = now;
  }
}

}  // namespace

std::vector<Value> PlacesOf(const SubjectState& state, Date first, Date last, ReleasedBy by) {
  std::vector<Value> places;
  if (by == ReleasedBy::kNothing) return places;
  first = Date::FromYmd(first.year(), 1, 1);
  last = Date::FromYmd(last.year(), 12, 31);
  const std::vector<Place> all = AllOf(state, first, last);
  const bool moved = Moved(all, first, last);
  for (const Place& place : all) {
    if (moved) {
      places.insert(places.end(), std::begin(place.details), std::end(place.details));
    } else {
      places.push_back(Pack(Part::kMunicipality, 0, place.municipality, 0));
    }
  }
  if (by == ReleasedBy::kMunicipality) return places;
  places.push_back(Pack(Part::kSex, state.sex, 0, 0));
  if (by == ReleasedBy::kMunicipalitySexAndAge) AddBands(state, first, last, &places);
  return places;
}

}  // namespace kpr::extract
