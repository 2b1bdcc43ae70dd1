#include "access/call_guard.h"

#include <fmt/format.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

namespace kpr {
namespace {

std::string Text(const grpc::string_ref& ref) {
  return {ref.data(), ref.size()};
}

// Read from what the handshake left in the connection, which no call can change.
Result<std::string> PrincipalOf(const grpc::AuthContext& context) {
  const auto transport = context.FindPropertyValues(GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME);
  if (transport.size() == 1 && transport[0] == "local") return std::string(kLoopback);
  const auto uris = context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (uris.size() != 1) return Invalid("the client certificate must name the caller in exactly one URI SAN");
  return Text(uris[0]);
}

class CallGuard : public grpc::AuthMetadataProcessor {
 public:
  explicit CallGuard(const Authorizer* authorizer) : authorizer_(authorizer) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    if (path == metadata.end() || path->second.size() < 2)
      return {grpc::StatusCode::INTERNAL, "the call names no method"};
    const auto principal = PrincipalOf(*context);
    const std::string method = Text(path->second).substr(1);
    const Decision decision = principal.ok()
                                  ? authorizer_->AuthorizeCall(*principal, method)
                                  : authorizer_->Refuse("unknown", method, principal.status().message());
    if (!decision.allowed) return {grpc::StatusCode::PERMISSION_DENIED, decision.rule};
    return grpc::Status::OK;
  }

 private:
  const Authorizer* authorizer_;
};

}  // namespace

std::shared_ptr<grpc::AuthMetadataProcessor> MakeCallGuard(const Authorizer* authorizer) {
  return std::make_shared<CallGuard>(authorizer);
}

std::string PrincipalOf(const grpc::ServerContextBase& context) {
  const auto principal = PrincipalOf(*context.auth_context());
  return principal.ok() ? *principal : std::string();
}

grpc::Status CheckMunicipality(const Authorizer& authorizer, const grpc::ServerContextBase& context,
                               const std::string& method, std::optional<Municipality> municipality) {
  const Decision decision = authorizer.AuthorizeMunicipality(PrincipalOf(context), method, municipality);
  if (decision.allowed) return grpc::Status::OK;
  return {grpc::StatusCode::PERMISSION_DENIED, decision.rule};
}

Result<std::string> SenderName(const std::string& principal, const std::string& claimed) {
  if (principal != kLoopback) {
    if (claimed.empty() || claimed == principal) return principal;
    return Invalid(fmt::format("sender '{}' is not who the certificate names", claimed));
  }
  if (!IsPrincipalName(claimed))
    return Invalid("sender must be 1 to 200 printable ASCII characters without blanks");
  return claimed;
}

}  // namespace kpr
