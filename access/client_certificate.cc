#include "access/client_certificate.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <optional>

#include "base/files.h"

namespace kpr {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

std::optional<int> Hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = Hex(text[i + 1]), low = Hex(text[i + 2]);
    if (!high || !low) return std::nullopt;
    plain.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  return plain;
}

Certificate Parse(std::string_view escaped_pem) {
  const auto pem = Unescape(escaped_pem);
  if (!pem) return {nullptr, X509_free};
  const Bio bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

Status NoCertificate() {
  return Invalid(fmt::format("the header {} holds no certificate", kCertificateHeader));
}

Result<std::string> UriOf(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string uri;
  int uris = 0;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<size_t>(ASN1_STRING_length(text)));
    ++uris;
  }
  if (uris != 1) return Invalid("the client certificate must name the caller in exactly one URI SAN");
  return uri;
}

}  // namespace

struct CertificateVerifier::Store {
  X509_STORE* store = X509_STORE_new();
  ~Store() { X509_STORE_free(store); }
};

CertificateVerifier::CertificateVerifier(std::unique_ptr<Store> store) : store_(std::move(store)) {}
CertificateVerifier::CertificateVerifier(CertificateVerifier&&) noexcept = default;
CertificateVerifier::~CertificateVerifier() = default;

Result<std::string> UriOf(std::string_view escaped_pem) {
  const Certificate certificate = Parse(escaped_pem);
  return certificate == nullptr ? NoCertificate() : UriOf(certificate.get());
}

// An authority that has no list has revoked nothing.
static int AllowMissingList(int verified, X509_STORE_CTX* context) {
  return verified == 1 || X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL ? 1 : 0;
}

Result<CertificateVerifier> CertificateVerifier::FromFiles(const std::string& authority,
                                                           const std::string& revoked) {
  auto store = std::make_unique<Store>();
  if (X509_STORE_load_file(store->store, authority.c_str()) != 1)
    return Invalid(fmt::format("server.client_ca {}: expected certificates in PEM", authority));
  if (!revoked.empty()) {
    if (X509_STORE_load_path(store->store, revoked.c_str()) != 1)
      return Invalid(fmt::format("server.client_crl {}: cannot be read", revoked));
    X509_STORE_set_flags(store->store, X509_V_FLAG_CRL_CHECK);
    X509_STORE_set_verify_cb(store->store, AllowMissingList);
  }
  return CertificateVerifier(std::move(store));
}

Result<std::string> CertificateVerifier::Verify(std::string_view escaped_pem, int64_t unix_millis) const {
  const Certificate certificate = Parse(escaped_pem);
  if (certificate == nullptr) return NoCertificate();
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                                X509_STORE_CTX_free);
  if (X509_STORE_CTX_init(context.get(), store_->store, certificate.get(), nullptr) != 1)
    return Internal("OpenSSL cannot verify a certificate");
  X509_STORE_CTX_set_time(context.get(), 0, unix_millis / 1000);
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(context.get()) != 1)
    return Invalid(fmt::format("the client certificate: {}",
                               X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
  return UriOf(certificate.get());
}

}  // namespace kpr
