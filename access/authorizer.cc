#include "access/authorizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "access/method_table.h"

namespace kpr {
namespace {

constexpr char kSubmitMethod[] = "kpr.v1.Ingest/SubmitEvents";

const Grant* FindGrant(const Policy& policy, const std::string& principal) {
  const auto it = policy.grants.find(principal);
  return it == policy.grants.end() ? nullptr : &it->second;
}

// The roles by which the principal may call the method.
std::vector<Role> GrantedRoles(const Grant& grant, const MethodRow& row) {
  std::vector<Role> roles;
  std::copy_if(row.roles.begin(), row.roles.end(), std::back_inserter(roles),
               [&](Role role) { return grant.Has(role); });
  return roles;
}

// Number of the first forbid that matches, from 1; 0: none does. A forbid of a municipality matches calls
// about it only, or about all; one of a role matches when the principal has no other role for the method.
size_t MatchingForbid(const Policy& policy, const std::string& principal, const std::string& method,
                      const std::vector<Role>& roles, const std::optional<Municipality>* municipality) {
  for (size_t i = 0; i < policy.forbids.size(); ++i) {
    const Forbid& forbid = policy.forbids[i];
    if (forbid.principal && *forbid.principal != principal) continue;
    if (forbid.method && *forbid.method != method) continue;
    if (forbid.role &&
        !std::all_of(roles.begin(), roles.end(), [&](Role role) { return role == *forbid.role; }))
      continue;
    if (!forbid.municipalities.empty()) {
      const bool about =
          municipality != nullptr && (!*municipality || forbid.municipalities.contains(**municipality));
      if (!about) continue;
    }
    return i + 1;
  }
  return 0;
}

bool SeesAll(const std::vector<Role>& roles) {
  return std::any_of(roles.begin(), roles.end(),
                     [](Role role) { return role != Role::kSender && role != Role::kMunicipalReader; });
}

}  // namespace

Decision Authorizer::Refuse(const std::string& principal, const std::string& method, std::string rule) const {
  if (on_denied_) on_denied_({principal, method, rule});
  return {false, std::move(rule)};
}

Decision Authorizer::DecideCall(const Policy& policy, const std::string& principal,
                                const std::string& method) const {
  const MethodRow* row = FindMethod(method);
  if (row == nullptr) return {false, "the method has no policy row"};
  const Grant* grant = FindGrant(policy, principal);
  if (grant == nullptr) return {false, fmt::format("'{}' is not in the policy", principal)};
  const std::vector<Role> roles = GrantedRoles(*grant, *row);
  if (const size_t forbid = MatchingForbid(policy, principal, method, roles, nullptr); forbid != 0)
    return {false, fmt::format("forbid {} of the policy", forbid)};
  if (roles.empty()) {
    std::vector<std::string_view> names;
    for (const Role role : row->roles) names.push_back(RoleName(role));
    return {false, fmt::format("the method is open to {}", fmt::join(names, ", "))};
  }
  return {true, fmt::format("role {}", RoleName(roles.front()))};
}

Decision Authorizer::DecideMunicipality(const std::string& principal, const std::string& method,
                                        std::optional<Municipality> municipality) const {
  const auto policy = policy_->Get();
  if (Decision call = DecideCall(*policy, principal, method); !call.allowed) return call;
  const Grant& grant = *FindGrant(*policy, principal);
  const std::vector<Role> roles = GrantedRoles(grant, *FindMethod(method));
  if (const size_t forbid = MatchingForbid(*policy, principal, method, roles, &municipality); forbid != 0)
    return {false, fmt::format("forbid {} of the policy", forbid)};
  if (SeesAll(roles)) return {true, "all municipalities"};
  if (!municipality) return {false, "only the principal's own municipalities may be named"};
  if (grant.Covers(*municipality)) return {true, "own municipality"};
  return {false, fmt::format("municipality {} is not the principal's", municipality->ToString())};
}

Decision Authorizer::AuthorizeCall(const std::string& principal, const std::string& method) const {
  Decision decision = DecideCall(*policy_->Get(), principal, method);
  return decision.allowed ? decision : Refuse(principal, method, std::move(decision.rule));
}

Decision Authorizer::AuthorizeMunicipality(const std::string& principal, const std::string& method,
                                           std::optional<Municipality> municipality) const {
  Decision decision = DecideMunicipality(principal, method, municipality);
  return decision.allowed ? decision : Refuse(principal, method, std::move(decision.rule));
}

bool Authorizer::MaySee(const std::string& principal, const std::string& method,
                        Municipality municipality) const {
  return DecideMunicipality(principal, method, municipality).allowed;
}

std::set<Role> Authorizer::RolesOf(const std::string& principal) const {
  const auto policy = policy_->Get();
  const Grant* grant = FindGrant(*policy, principal);
  std::set<Role> roles;
  for (const Role role : AllRoles()) {
    if (grant != nullptr && grant->Has(role)) roles.insert(role);
  }
  return roles;
}

std::shared_ptr<const Grant> Authorizer::SenderGrant(const std::string& principal) const {
  const auto policy = policy_->Get();
  const Grant* grant = FindGrant(*policy, principal);
  if (grant == nullptr || !grant->Has(Role::kSender)) return nullptr;
  const std::vector<Role> roles = {Role::kSender};
  if (MatchingForbid(*policy, principal, kSubmitMethod, roles, nullptr) != 0) return nullptr;
  if (policy->forbids.empty()) return {policy, grant};
  auto allowed = std::make_shared<Grant>(*grant);
  std::erase_if(allowed->municipalities, [&](Municipality municipality) {
    const std::optional<Municipality> about = municipality;
    return MatchingForbid(*policy, principal, kSubmitMethod, roles, &about) != 0;
  });
  return allowed;
}

}  // namespace kpr
