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
  kResearcher,       // proposes extracts and fetches its own
  kCaseOfficer,      // decides on extracts, first of two, and builds them
  kDataProtectionOfficer,  // decides on extracts, the other of the two
  kCitizenDesk,            // sees what is held on a person who asks
  kLinker,                 // joins extracts that name it with other registers
};

std::string_view RoleName(Role role);  // as in the policy file: "municipal_reader"
std::optional<Role> ParseRole(std::string_view name);
std::span<const Role> AllRoles();

}  // namespace kpr
