// The national code lists that events are judged by, with the dates they are in force, as the edition in use
// has them (edition.h). Kodeverk numbers: 9151 service types, 9032 identity types, 3101 sex; municipalities:
// Statistics Norway's classification 131, from 2011. All functions are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/ids.h"

namespace kpr {

enum class CodeValidity { kUnknown, kNotInForce, kInForce };

// Kodeverk 9151 on a date; see docs/codelists.md.
CodeValidity ServiceType(uint32_t code, Date on);
std::string ServiceTypeName(uint32_t code);  // Norwegian; empty for an unknown code
// Whether events of this type must name a provider.
bool ProviderRequired(uint32_t service_type);

bool IdentityTypeExists(uint32_t code);  // kodeverk 9032

CodeValidity MunicipalityOn(Municipality municipality, Date on);
// On the date; else the newest name the code had.
std::string MunicipalityName(Municipality municipality, Date on);
std::vector<Municipality> MunicipalitiesOn(Date on);
std::string CountyName(uint16_t county);  // empty for an unknown code

// The first day on which the code is no longer in force; kNoEnd while it is.
Date InForceUntil(Municipality municipality);

// What `from` has become by `on`: itself while in force, one code through mergers and new codes, several
// through a split; none for an unknown code. Sorted.
std::vector<Municipality> Descendants(Municipality from, Date on);

// Whether several codes follow the municipality's.
bool EndsInSplit(Municipality municipality);

// The codes in force on `on` that became `to` or a part of it: itself while in force. Sorted.
std::vector<Municipality> Ancestors(Municipality to, Date on);

// The codes that a municipality named in a policy includes: itself, the earlier codes whose whole area
// became it, and the code it became as a whole (a merger). Codes that were split are not covered. None for an
// unknown code. Sorted.
std::vector<Municipality> CoveredCodes(Municipality named);

// A municipality that was in force on `on` and became `to` or a part of it: `to` itself while in force, else
// of those that were not split, or of all, the one with the lowest code; code 0 where there is none.
Municipality Predecessor(Municipality to, Date on);

}  // namespace kpr
