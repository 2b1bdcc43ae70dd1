#include "app/tls.h"

#include <fmt/format.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/files.h"

namespace kpr {
namespace {

constexpr unsigned kRefreshSeconds = 2;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio Reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

Result<Certificate> ReadCertificate(const char* option, const std::string& path) {
  KPR_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Certificate certificate(PEM_read_bio_X509(Reader(text).get(), nullptr, nullptr, nullptr), X509_free);
  if (certificate == nullptr)
    return Invalid(fmt::format("{} {}: expected a certificate in PEM", option, path));
  return certificate;
}

Result<PrivateKey> ReadPrivateKey(const std::string& path) {
  KPR_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  PrivateKey key(PEM_read_bio_PrivateKey(Reader(text).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  OPENSSL_cleanse(text.data(), text.size());
  if (key == nullptr)
    return Invalid(fmt::format("server.private_key {}: expected a private key in PEM", path));
  return key;
}

Status CheckFiles(const Config& config) {
  KPR_RETURN_IF_ERROR(ReadCertificate("server.client_ca", config.client_ca).status());
  KPR_ASSIGN_OR_RETURN(const Certificate certificate,
                       ReadCertificate("server.certificate", config.certificate));
  KPR_ASSIGN_OR_RETURN(const PrivateKey key, ReadPrivateKey(config.private_key));
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return Invalid(fmt::format("server.private_key {}: is not the key of server.certificate {}",
                               config.private_key, config.certificate));
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0)
    return Invalid(fmt::format("server.certificate {}: its time is over", config.certificate));
  return {};
}

}  // namespace

Result<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(const Config& config) {
  KPR_RETURN_IF_ERROR(CheckFiles(config));
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          config.private_key, config.certificate, config.client_ca, kRefreshSeconds));
  options.watch_identity_key_cert_pairs();
  options.watch_root_certs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  if (!config.client_crl.empty()) options.set_crl_directory(config.client_crl);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace kpr
