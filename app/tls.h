// TLS of the server's own port.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "app/config.h"
#include "base/status.h"

namespace kpr {

// Clients show a certificate of client_ca that is not in client_crl. Changed files count for new connections
// within seconds; while a certificate and key do not belong together, new connections fail. kInvalid: names
// the option and what is wrong with its file.
Result<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(const Config& config);

}  // namespace kpr
