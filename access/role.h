// The roles a policy can give to a principal.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace kpr {

enum class Role {
  kSender,           // submits events of its municipalities
  kMunicipalReader,  // live values and data quality of its own municipalities; country and size group to
                     // compare with
  kNationalReader,   // all live values, explanations included
  kOperator,         // the state of nodes
  kPublisher,        // makes drafts of publications and releases what is approved
  kApprover,         // the second person: reviews and approves drafts
  kAuditor,          // what the audit log records
  // Reserved: no method is open to them yet.
  kResearcher,
  kCitizenDesk,
};

std::string_view RoleName(Role role);  // as in the policy file: "municipal_reader"
std::optional<Role> ParseRole(std::string_view name);
std::span<const Role> AllRoles();

}  // namespace kpr
