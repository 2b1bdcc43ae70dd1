// The gRPC side of access: one guard before every call of every service, health and reflection included.
#pragma once

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/server_context.h>

#include <memory>
#include <string>

#include "access/authorizer.h"
#include "access/client_certificate.h"
#include "base/clock.h"
#include "base/swappable.h"

namespace kpr {

// For ServerCredentials::SetAuthMetadataProcessor, of TLS and of local credentials. Refuses with
// PERMISSION_DENIED before the handler runs. `authorizer` outlives it.
std::shared_ptr<grpc::AuthMetadataProcessor> MakeCallGuard(const Authorizer* authorizer);

// The same for the socket of a front: who calls is told by kCertificateHeader, which every other connection
// may not have. Everything outlives it.
std::shared_ptr<grpc::AuthMetadataProcessor> MakeFrontGuard(const Authorizer* authorizer,
                                                            const Swappable<CertificateVerifier>* verifier,
                                                            const Clock* clock);

// The client certificate's one URI SAN, the connection's or the one that the front forwarded; kLoopback on
// another local connection; empty where the guard would have refused.
std::string PrincipalOf(const grpc::ServerContextBase& context);

// The same; on loopback, where anybody may do everything, the name that the caller claims.
std::string ActorOf(const grpc::ServerContextBase& context, const std::string& claimed);

// Of a handler: whether the call may be about the municipality; none: about all. Refusals name the rule.
grpc::Status CheckMunicipality(const Authorizer& authorizer, const grpc::ServerContextBase& context,
                               const std::string& method, std::optional<Municipality> municipality);

// The name a sender's events go by: the principal's; on loopback the one it claims. kInvalid where the two
// differ or the name cannot be a key.
Result<std::string> SenderName(const std::string& principal, const std::string& claimed);

}  // namespace kpr
