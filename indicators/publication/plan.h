// Reading and checking the plan of a publication. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "kpr/v1/definition.pb.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// A named policy: what a publisher of today does.
struct NamedPolicy {
  std::string name;
  std::string practice;  // one sentence
  v1::DisclosurePolicy policy;
};
const std::vector<NamedPolicy>& NamedPolicies();

// One textproto. kInvalid names file, line and column and what was expected there. In the plan that comes
// back the policy is in full, with its defaults, and each table has its levels. `definitions` are those that
// are complete.
Result<v1::PublicationPlan> ParsePlan(std::string_view text, const std::string& file,
                                      const std::vector<v1::Definition>& definitions);

}  // namespace kpr::publication
