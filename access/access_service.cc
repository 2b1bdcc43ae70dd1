#include "access/access_service.h"

#include "access/call_guard.h"

namespace kpr {

v1::CallerRole ToProto(Role role) {
  switch (role) {
    case Role::kSender:
      return v1::CALLER_ROLE_SENDER;
    case Role::kMunicipalReader:
      return v1::CALLER_ROLE_MUNICIPAL_READER;
    case Role::kNationalReader:
      return v1::CALLER_ROLE_NATIONAL_READER;
    case Role::kOperator:
      return v1::CALLER_ROLE_OPERATOR;
    case Role::kPublisher:
      return v1::CALLER_ROLE_PUBLISHER;
    case Role::kApprover:
      return v1::CALLER_ROLE_APPROVER;
    case Role::kResearcher:
      return v1::CALLER_ROLE_RESEARCHER;
    case Role::kAuditor:
      return v1::CALLER_ROLE_AUDITOR;
    case Role::kCaseOfficer:
      return v1::CALLER_ROLE_CASE_OFFICER;
    case Role::kDataProtectionOfficer:
      return v1::CALLER_ROLE_DATA_PROTECTION_OFFICER;
    case Role::kCitizenDesk:
      return v1::CALLER_ROLE_CITIZEN_DESK;
    case Role::kLinker:
      return v1::CALLER_ROLE_LINKER;
  }
  return v1::CALLER_ROLE_UNSPECIFIED;
}

grpc::Status AccessService::GetCaller(grpc::ServerContext* context, const v1::GetCallerRequest* /*request*/,
                                      v1::Caller* response) {
  const std::string principal = PrincipalOf(*context);
  response->set_principal(principal);
  for (const Role role : authorizer_->RolesOf(principal)) response->add_roles(ToProto(role));
  return grpc::Status::OK;
}

}  // namespace kpr
