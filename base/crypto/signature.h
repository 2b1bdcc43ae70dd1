// Ed25519, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kpr::crypto {

class SigningKey {
 public:
  // A PEM private key (PKCS #8). kInvalid: not an Ed25519 key.
  static Result<SigningKey> FromPem(const std::string& pem);
  // A new one, by the system's random numbers.
  static Result<SigningKey> Generate();

  std::string ToPem() const;
  std::string public_key() const;                          // base64 of 32 bytes
  Result<std::string> Sign(std::string_view bytes) const;  // base64 of 64 bytes

 private:
  struct Key;
  explicit SigningKey(std::shared_ptr<Key> key) : key_(std::move(key)) {}
  std::shared_ptr<Key> key_;
};

// Whether the signature over the bytes is by the public key, both base64.
bool SignedBy(std::string_view bytes, const std::string& signature, const std::string& public_key);

}  // namespace kpr::crypto
