#include "access/call_guard.h"

#include <fmt/format.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <iterator>

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
  // Without a verifier there is no front.
  CallGuard(const Authorizer* authorizer, const Swappable<CertificateVerifier>* verifier, const Clock* clock)
      : authorizer_(authorizer), verifier_(verifier), clock_(clock) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    if (path == metadata.end() || path->second.size() < 2)
      return {grpc::StatusCode::INTERNAL, "the call names no method"};
    const auto principal = Identify(metadata, *context);
    const std::string method = Text(path->second).substr(1);
    const Decision decision = principal.ok()
                                  ? authorizer_->AuthorizeCall(*principal, method)
                                  : authorizer_->Refuse("unknown", method, principal.status().message());
    if (!decision.allowed) return {grpc::StatusCode::PERMISSION_DENIED, decision.rule};
    return grpc::Status::OK;
  }

 private:
  Result<std::string> Identify(const InputMetadata& metadata, const grpc::AuthContext& context) const {
    const auto [begin, end] = metadata.equal_range(kCertificateHeader);
    const auto certificates = std::distance(begin, end);
    if (verifier_ == nullptr) {
      if (certificates == 0) return PrincipalOf(context);
      return Invalid(fmt::format("only a front may send the header {}", kCertificateHeader));
    }
    if (certificates != 1)
      return Invalid(fmt::format("the front must send one header {}", kCertificateHeader));
    return verifier_->Get()->Verify({begin->second.data(), begin->second.size()}, clock_->UnixMillis());
  }

  const Authorizer* authorizer_;
  const Swappable<CertificateVerifier>* verifier_;
  const Clock* clock_;
};

}  // namespace

std::shared_ptr<grpc::AuthMetadataProcessor> MakeCallGuard(const Authorizer* authorizer) {
  return std::make_shared<CallGuard>(authorizer, nullptr, nullptr);
}

std::shared_ptr<grpc::AuthMetadataProcessor> MakeFrontGuard(const Authorizer* authorizer,
                                                            const Swappable<CertificateVerifier>* verifier,
                                                            const Clock* clock) {
  return std::make_shared<CallGuard>(authorizer, verifier, clock);
}

std::string PrincipalOf(const grpc::ServerContextBase& context) {
  // The guard has let the header pass, so that it is a front's and verified.
  const auto& metadata = context.client_metadata();
  if (const auto it = metadata.find(kCertificateHeader); it != metadata.end()) {
    const auto forwarded = UriOf({it->second.data(), it->second.size()});
    return forwarded.ok() ? *forwarded : std::string();
  }
  const auto principal = PrincipalOf(*context.auth_context());
  return principal.ok() ? *principal : std::string();
}

std::string ActorOf(const grpc::ServerContextBase& context, const std::string& claimed) {
  const std::string principal = PrincipalOf(context);
  return principal == kLoopback && !claimed.empty() ? claimed : principal;
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
