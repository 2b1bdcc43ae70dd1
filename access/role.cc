#include "access/role.h"

#include <array>

namespace kpr {
namespace {

constexpr std::array kRoles = {Role::kSender,         Role::kMunicipalReader,
                               Role::kNationalReader, Role::kOperator,
                               Role::kPublisher,      Role::kApprover,
                               Role::kAuditor,        Role::kResearcher,
                               Role::kCaseOfficer,    Role::kDataProtectionOfficer,
                               Role::kCitizenDesk,    Role::kLinker};

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kSender:
      return "sender";
    case Role::kMunicipalReader:
      return "municipal_reader";
    case Role::kNationalReader:
      return "national_reader";
    case Role::kOperator:
      return "operator";
    case Role::kPublisher:
      return "publisher";
    case Role::kApprover:
      return "approver";
    case Role::kResearcher:
      return "researcher";
    case Role::kAuditor:
      return "auditor";
    case Role::kCaseOfficer:
      return "case_officer";
    case Role::kDataProtectionOfficer:
      return "data_protection_officer";
    case Role::kCitizenDesk:
      return "citizen_desk";
    case Role::kLinker:
      return "linker";
  }
  return "";
}

std::optional<Role> ParseRole(std::string_view name) {
  for (const Role role : kRoles) {
    if (RoleName(role) == name) return role;
  }
  return std::nullopt;
}

std::span<const Role> AllRoles() {
  return kRoles;
}

}  // namespace kpr
