#include "indicators/geography/structure.h"

#include <fmt/format.h>

#include <algorithm>

#include "registry/codelists/codelists.h"
#include "registry/codelists/per_edition.h"

namespace kpr {
namespace {

constexpr int kCodes = 10'000;

}  // namespace

std::vector<Structure> Structure::All() {
  std::vector<Structure> all;
  for (int year = kFirstYear; year <= kLastYear; ++year) all.push_back(Structure(year));
  return all;
}

const Structure& Structure::Of(int year) {
  static PerEdition<std::vector<Structure>> structures(All);
  // Asked for each cell that is read.
  thread_local const Edition* edition = nullptr;
  thread_local const std::vector<Structure>* of_edition = nullptr;
  const EditionScope one;
  if (edition != &EditionInUse()) {
    edition = &EditionInUse();
    of_edition = &structures.Get();
  }
  return (*of_edition)[static_cast<size_t>(std::clamp(year, kFirstYear, kLastYear) - kFirstYear)];
}

Structure::Structure(int year)
    : year_(year), day_(Date::FromYmd(year, 12, 31)), municipalities_(MunicipalitiesOn(day_)), rows_(kCodes) {
  for (int code = 1; code < kCodes; ++code) {
    const Municipality municipality{static_cast<uint16_t>(code)};
    if (MunicipalityOn(municipality, day_) == CodeValidity::kUnknown) continue;
    const auto parts = StepsOf(municipality);
    if (parts.empty()) continue;
    Row& row = rows_[static_cast<size_t>(code)];
    if (parts.size() == 1) row.municipality = *parts.begin();
    const uint16_t county = Municipality{*parts.begin()}.county();
    const bool one_county = std::all_of(parts.begin(), parts.end(),
                                        [&](uint16_t part) { return Municipality{part}.county() == county; });
    if (one_county) row.county = county;
    const bool begun = EditionInUse().municipalities.at(municipality.code).front().from <= day_;
    if (begun) hash_ = Fnv1a(fmt::format("{} {} {}", code, row.municipality, row.county), hash_);
  }
}

// Forward in time what it became; backward what it was made of.
std::set<uint16_t> Structure::StepsOf(Municipality reported) const {
  std::set<uint16_t> parts;
  std::vector<Municipality> found = Descendants(reported, day_);
  const bool in_force = std::any_of(found.begin(), found.end(), [&](Municipality m) {
    return MunicipalityOn(m, day_) == CodeValidity::kInForce;
  });
  if (!in_force) found = Ancestors(reported, day_);
  for (const Municipality part : found) parts.insert(part.code);
  return parts;
}

Municipality Structure::MunicipalityOf(Municipality reported) const {
  return reported.code < kCodes ? Municipality{rows_[reported.code].municipality} : Municipality();
}

uint16_t Structure::CountyOf(Municipality reported) const {
  return reported.code < kCodes ? rows_[reported.code].county : uint16_t{0};
}

bool Structure::NotComparable(Municipality municipality, Date day) const {
  if (MunicipalityOn(municipality, day) == CodeValidity::kInForce) return false;
  // Backward what it was made of, forward what it has become, must be it alone.
  for (const Municipality other :
       day < day_ ? Ancestors(municipality, day) : Descendants(municipality, day)) {
    if (MunicipalityOf(other) != municipality) return true;
  }
  return false;
}

std::optional<int> SizeGroup(int64_t inhabitants) {
  if (inhabitants <= 0) return std::nullopt;
  int group = 0;
  for (int i = 1; i < SizeGroups(); ++i) {
    if (inhabitants >= EditionInUse().size_groups[static_cast<size_t>(i)].inhabitants_from) group = i;
  }
  return group;
}

int SizeGroups() {
  return static_cast<int>(EditionInUse().size_groups.size());
}

std::string SizeGroupName(int group) {
  return EditionInUse().size_groups[static_cast<size_t>(std::clamp(group, 0, SizeGroups() - 1))].name;
}

}  // namespace kpr
