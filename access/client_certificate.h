// The client certificate that a front forwards: nginx ends TLS, asks the client for its certificate and
// passes it in a header over a socket that only nginx can open. The server does not take its word: the
// certificate is verified again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kpr {

// nginx's $ssl_client_escaped_cert: PEM, percent-encoded.
inline constexpr char kCertificateHeader[] = "kpr-client-certificate";

// The certificate's one URI SAN. kInvalid: it has none or several, or the text is no certificate.
Result<std::string> UriOf(std::string_view escaped_pem);

// Verifies certificates of one authority. Thread-safe.
class CertificateVerifier {
 public:
  // The file of server.client_ca and the folder of server.client_crl, empty for none. kInvalid: there is no
  // certificate.
  static Result<CertificateVerifier> FromFiles(const std::string& authority, const std::string& revoked);
  CertificateVerifier(CertificateVerifier&&) noexcept;
  ~CertificateVerifier();

  // The certificate's one URI SAN. kInvalid: the authority itself has not signed it, it is revoked, its time
  // has not come or is over, it is not one for clients, or as UriOf.
  Result<std::string> Verify(std::string_view escaped_pem, int64_t unix_millis) const;

 private:
  struct Store;
  explicit CertificateVerifier(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

}  // namespace kpr
