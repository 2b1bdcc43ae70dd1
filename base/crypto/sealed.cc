#include "base/crypto/sealed.h"

#include <openssl/evp.h>

#include <memory>

#include "base/crypto/hash.h"

namespace kpr::crypto {
namespace {

constexpr int kNonceBytes = 12, kTagBytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context NewContext() {
  return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
}
// Looked up once.
const EVP_CIPHER* Cipher() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text, size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

}  // namespace

Result<std::string> Seal(std::string_view key, std::string_view plain, std::string_view context) {
  if (key.size() != kSealKeyBytes) return Invalid("a key of 32 bytes is needed");
  KPR_ASSIGN_OR_RETURN(std::string sealed, RandomBytes(kNonceBytes));
  sealed.resize(kNonceBytes + plain.size() + kTagBytes);
  const Context cipher = NewContext();
  int length = 0;
  const bool ok =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), Cipher(), nullptr, Bytes(key), Bytes(sealed)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, Bytes(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), Bytes(sealed, kNonceBytes), &length, Bytes(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), Bytes(sealed, kNonceBytes + plain.size()), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          Bytes(sealed, kNonceBytes + plain.size())) == 1;
  if (!ok) return Internal("OpenSSL did not encrypt");
  return sealed;
}

Result<std::string> Open(std::string_view key, std::string_view sealed, std::string_view context) {
  if (key.size() != kSealKeyBytes) return Invalid("a key of 32 bytes is needed");
  if (sealed.size() < kSealOverhead) return DataLoss("too short for what is sealed");
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kSealOverhead);
  std::string tag(sealed.substr(sealed.size() - kTagBytes)), plain(body.size(), '\0');
  const Context cipher = NewContext();
  int length = 0;
  const bool ok = cipher != nullptr &&
                  EVP_DecryptInit_ex(cipher.get(), Cipher(), nullptr, Bytes(key), Bytes(sealed)) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), nullptr, &length, Bytes(context),
                                    static_cast<int>(context.size())) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), Bytes(plain, 0), &length, Bytes(body),
                                    static_cast<int>(body.size())) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
                  EVP_DecryptFinal_ex(cipher.get(), Bytes(plain, body.size()), &length) == 1;
  if (!ok) return DataLoss("changed, or sealed with another key");
  return plain;
}

}  // namespace kpr::crypto
