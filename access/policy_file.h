// The policy file (deploy/policy.example.toml).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "access/policy.h"
#include "base/status.h"

namespace kpr {

// The codes that a municipality named in the policy includes, its own among them; none: it is unknown.
using MunicipalityCover = std::function<std::vector<Municipality>(Municipality)>;

// The whole file or nothing: kInvalid names file, line and what was expected there.
Result<Policy> ReadPolicy(const std::string& path, const MunicipalityCover& cover);

}  // namespace kpr
