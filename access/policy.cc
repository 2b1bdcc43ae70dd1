#include "access/policy.h"

#include <algorithm>

namespace kpr {

Policy Policy::AllowLoopback() {
  Policy policy;
  policy.grants[kLoopback].everything = true;
  return policy;
}

bool IsPrincipalName(const std::string& name) {
  return !name.empty() && name.size() <= 200 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace kpr
