#include "registry/codelists/codelists.h"

#include <algorithm>
#include <optional>
#include <set>

#include "registry/codelists/edition.h"

namespace kpr {
namespace {

constexpr uint32_t kIdentityTypes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12};

const ServiceTypeRow* FindServiceType(uint32_t code) {
  const auto& rows = EditionInUse().service_types;
  const auto it = rows.find(code);
  return it == rows.end() ? nullptr : &it->second;
}

}  // namespace

CodeValidity ServiceType(uint32_t code, Date on) {
  const ServiceTypeRow* row = FindServiceType(code);
  if (row == nullptr) return CodeValidity::kUnknown;
  return row->In(on) ? CodeValidity::kInForce : CodeValidity::kNotInForce;
}

std::string ServiceTypeName(uint32_t code) {
  const ServiceTypeRow* row = FindServiceType(code);
  return row == nullptr ? "" : row->name;
}

bool ProviderRequired(uint32_t service_type) {
  const ServiceTypeRow* row = FindServiceType(service_type);
  return row != nullptr && row->provider_required;
}

bool IdentityTypeExists(uint32_t code) {
  return std::find(std::begin(kIdentityTypes), std::end(kIdentityTypes), code) != std::end(kIdentityTypes);
}

CodeValidity MunicipalityOn(Municipality municipality, Date on) {
  const auto& rows = EditionInUse().municipalities;
  const auto it = rows.find(municipality.code);
  if (it == rows.end()) return CodeValidity::kUnknown;
  for (const Validity& row : it->second) {
    if (row.In(on)) return CodeValidity::kInForce;
  }
  return CodeValidity::kNotInForce;
}

std::string MunicipalityName(Municipality municipality, Date on) {
  const auto& rows = EditionInUse().municipalities;
  const auto it = rows.find(municipality.code);
  if (it == rows.end()) return municipality.code == 0 ? "Ikke fordelt" : "";
  for (const Validity& row : it->second) {
    if (row.In(on)) return row.name;
  }
  return it->second.back().name;
}

std::vector<Municipality> MunicipalitiesOn(Date on) {
  std::vector<Municipality> result;
  for (const auto& [code, rows] : EditionInUse().municipalities) {
    if (MunicipalityOn({code}, on) == CodeValidity::kInForce) result.push_back({code});
  }
  return result;
}

std::string CountyName(uint16_t county) {
  const auto& counties = EditionInUse().counties;
  const auto it = counties.find(county);
  return it == counties.end() ? "" : it->second;
}

Date InForceUntil(Municipality municipality) {
  return EditionInUse().ends.Of(municipality);
}

std::vector<Municipality> Descendants(Municipality from, Date on) {
  const Edition& edition = EditionInUse();
  std::set<uint16_t> found, seen;
  std::vector<uint16_t> open{from.code};
  while (!open.empty()) {
    const uint16_t code = open.back();
    open.pop_back();
    if (!edition.municipalities.contains(code) || !seen.insert(code).second) continue;
    const Date until = edition.ends.Of({code});
    if (on < until) {
      found.insert(code);
      continue;
    }
    const auto it = edition.changes.find(code);
    if (it == edition.changes.end()) continue;
    for (const CodeChange& change : it->second) {
      if (change.on < until) continue;
      open.insert(open.end(), change.to.begin(), change.to.end());
      break;
    }
  }
  std::vector<Municipality> result;
  for (const uint16_t code : found) result.push_back({code});
  return result;
}

bool EndsInSplit(Municipality municipality) {
  const auto& changes = EditionInUse().changes;
  const auto it = changes.find(municipality.code);
  if (it == changes.end()) return false;
  const Date until = InForceUntil(municipality);
  const auto last = std::find_if(it->second.begin(), it->second.end(),
                                 [&](const CodeChange& change) { return change.on >= until; });
  return last != it->second.end() && last->to.size() > 1;
}

std::vector<Municipality> Ancestors(Municipality to, Date on) {
  std::set<uint16_t> found, seen;
  std::vector<uint16_t> open{to.code};
  while (!open.empty()) {
    const uint16_t code = open.back();
    open.pop_back();
    if (!seen.insert(code).second) continue;
    if (MunicipalityOn({code}, on) == CodeValidity::kInForce) {
      found.insert(code);
      continue;
    }
    const auto [first, last] = EditionInUse().before.equal_range(code);
    for (auto it = first; it != last; ++it) open.push_back(it->second);
  }
  std::vector<Municipality> result;
  for (const uint16_t code : found) result.push_back({code});
  return result;
}

std::vector<Municipality> CoveredCodes(Municipality named) {
  const auto& municipalities = EditionInUse().municipalities;
  const auto it = municipalities.find(named.code);
  if (it == municipalities.end()) return {};
  const std::vector<Municipality> alone{named};
  const auto last_day = [](const Date until) { return until == kNoEnd ? kNoEnd - 1 : until - 1; };
  std::set<Municipality> covered{named};
  // Backward: whatever became this one and nothing else while it was in force.
  for (const auto& [code, rows] : municipalities) {
    for (const Validity& row : it->second) {
      if (Descendants({code}, row.from) == alone || Descendants({code}, last_day(row.until)) == alone)
        covered.insert({code});
    }
  }
  // Forward: what it became as a whole.
  for (Municipality at = named; InForceUntil(at) != kNoEnd;) {
    const std::vector<Municipality> next = Descendants(at, InForceUntil(at));
    if (next.size() != 1 || !covered.insert(next.front()).second) break;
    at = next.front();
  }
  return {covered.begin(), covered.end()};
}

Municipality Predecessor(Municipality to, Date on) {
  for (int steps = 0; steps < 16; ++steps) {
    if (MunicipalityOn(to, on) == CodeValidity::kInForce) return to;
    std::optional<std::pair<bool, uint16_t>> best;  // split, code
    const auto [first, last] = EditionInUse().before.equal_range(to.code);
    for (auto it = first; it != last; ++it) {
      const std::pair candidate{EndsInSplit({it->second}), it->second};
      best = std::min(best.value_or(candidate), candidate);
    }
    if (!best) return {};
    to = {best->second};
  }
  return {};
}

}  // namespace kpr
