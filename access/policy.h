// What the policy gives to whom. Pure data; policy_file.h reads it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "access/role.h"
#include "base/ids.h"

namespace kpr {

// The name of callers on a plaintext loopback connection; all others are named by their certificate's one URI
// SAN.
inline constexpr char kLoopback[] = "loopback";

struct Grant {
  std::set<Role> roles;
  // Of sender and municipal_reader: the municipalities named, with the codes they cover (CoveredCodes in
  // registry/codelists).
  std::set<Municipality> municipalities;
  std::set<uint32_t> service_types;  // of sender: kodeverk 9151; empty: all
  // Of sender: the providers it may report about as a whole, by organisation number, and whether it may tell
  // of whole persons (their details, changes of identity), as the population register's feed does.
  std::set<std::string> providers;
  bool person_authority = false;
  // Of sender: the one that it carries on for, whose events it corrects and whose local ids it uses; empty:
  // none.
  std::string continues;
  bool everything = false;  // plaintext on loopback: every role, every municipality

  bool Has(Role role) const { return everything || roles.contains(role); }
  bool Covers(Municipality municipality) const { return everything || municipalities.contains(municipality); }
  bool MayTellOfPersons() const { return everything || person_authority; }
  bool MayReportOf(const std::string& provider) const { return everything || providers.contains(provider); }
  bool MaySendServiceType(uint32_t type) const {
    return service_types.empty() || service_types.contains(type);
  }
};

// Wins over every grant. Each part that is stated must match.
struct Forbid {
  std::optional<std::string> principal;
  std::optional<Role> role;
  std::optional<std::string> method;      // "kpr.v1.Indicators/ExplainIndicatorValue"
  std::set<Municipality> municipalities;  // with the codes they cover, as in Grant; empty: not stated
};

struct Policy {
  std::map<std::string, Grant> grants;  // by principal
  std::vector<Forbid> forbids;
  std::string sha256;  // of the file it was read from; empty: of none

  // Callers on loopback may do everything. For trials.
  static Policy AllowLoopback();
};

// A name that can be a key in stores and logs: 1 to 200 printable ASCII characters without blanks.
bool IsPrincipalName(const std::string& name);

}  // namespace kpr
