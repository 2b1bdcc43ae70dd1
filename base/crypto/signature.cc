#include "base/crypto/signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>

#include "base/crypto/hash.h"

namespace kpr::crypto {
namespace {

constexpr size_t kKeyBytes = 32, kSignatureBytes = 64;

// Empty where the text is not base64 of so many bytes.
std::string FromBase64(const std::string& text, size_t bytes) {
  const auto raw = crypto::FromBase64(text);
  return raw && raw->size() == bytes ? *raw : std::string();
}

}  // namespace

struct SigningKey::Key {
  EVP_PKEY* key = nullptr;
  explicit Key(EVP_PKEY* of) : key(of) {}
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { EVP_PKEY_free(key); }
};

Result<SigningKey> SigningKey::FromPem(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  if (key == nullptr || EVP_PKEY_base_id(key) != EVP_PKEY_ED25519) {
    EVP_PKEY_free(key);
    return Invalid("not an Ed25519 private key in PEM ('openssl genpkey -algorithm ed25519' makes one)");
  }
  return SigningKey(std::make_shared<Key>(key));
}

Result<SigningKey> SigningKey::Generate() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (key == nullptr) return Internal("OpenSSL made no Ed25519 key");
  return SigningKey(std::make_shared<Key>(key));
}

std::string SigningKey::ToPem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key_->key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(length));
  BIO_free(bio);
  return pem;
}

std::string SigningKey::public_key() const {
  std::array<unsigned char, kKeyBytes> raw{};
  size_t length = raw.size();
  EVP_PKEY_get_raw_public_key(key_->key, raw.data(), &length);
  return ToBase64({reinterpret_cast<const char*>(raw.data()), length});
}

Result<std::string> SigningKey::Sign(std::string_view bytes) const {
  std::array<unsigned char, kSignatureBytes> signature{};
  size_t length = signature.size();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool ok = EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_->key) == 1 &&
                  EVP_DigestSign(context, signature.data(), &length,
                                 reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1;
  EVP_MD_CTX_free(context);
  if (!ok) return Internal("OpenSSL did not sign");
  return ToBase64({reinterpret_cast<const char*>(signature.data()), length});
}

bool SignedBy(std::string_view bytes, const std::string& signature, const std::string& public_key) {
  const std::string raw = FromBase64(public_key, kKeyBytes), sign = FromBase64(signature, kSignatureBytes);
  if (raw.empty() || sign.empty()) return false;
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                              reinterpret_cast<const unsigned char*>(raw.data()), raw.size());
  if (key == nullptr) return false;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool ok = EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1 &&
                  EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(sign.data()), sign.size(),
                                   reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return ok;
}

}  // namespace kpr::crypto
