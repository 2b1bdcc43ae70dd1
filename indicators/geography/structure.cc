#include "indicators/geography/structure.h"

#include <algorithm>

#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

constexpr int kCodes = 10'000;
constexpr int64_t kGroupStarts[] = {0, 2000, 5000, 10'000, 50'000};
constexpr const char* kGroupNames[] = {"< 2000", "2000-4999", "5000-9999", "10000-49999", ">= 50000"};

}  // namespace

const Structure& Structure::Of(int year) {
  static const std::vector<Structure> structures = [] {
    std::vector<Structure> all;
    for (int y = kFirstYear; y <= kLastYear; ++y) all.push_back(Structure(y));
    return all;
  }();
  return structures[static_cast<size_t>(std::clamp(year, kFirstYear, kLastYear) - kFirstYear)];
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
  for (int i = 1; i < kSizeGroups; ++i) {
    if (inhabitants >= kGroupStarts[i]) group = i;
  }
  return group;
}

const char* SizeGroupName(int group) {
  return kGroupNames[std::clamp(group, 0, kSizeGroups - 1)];
}

}  // namespace kpr
