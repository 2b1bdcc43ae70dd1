// Encryption to recipients in the age format (age-encryption.org/v1, C2SP), X25519 recipients alone: what the
// age tool and every implementation of it decrypt.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kpr::crypto {

struct AgeRecipient {
  std::array<uint8_t, 32> key{};

  // "age1...". kInvalid: not a public key; a secret key is not repeated in the message.
  static Result<AgeRecipient> Parse(std::string_view text);
};

// Encrypts one file as a stream. Not thread-safe.
class AgeEncryptor {
 public:
  // Appends the header to `out`. At least one recipient, each of whom can decrypt.
  static Result<AgeEncryptor> Begin(const std::vector<AgeRecipient>& recipients, std::string* out);
  AgeEncryptor(AgeEncryptor&&) noexcept;
  AgeEncryptor& operator=(AgeEncryptor&&) noexcept;
  ~AgeEncryptor();

  // Appends what is encrypted so far to `out`; some waits until there is more.
  Status Write(std::string_view plain, std::string* out);
  // The last piece. Without it nobody takes the file for whole.
  Status Finish(std::string* out);

 private:
  struct Stream;
  explicit AgeEncryptor(std::unique_ptr<Stream> stream);
  std::unique_ptr<Stream> stream_;
};

}  // namespace kpr::crypto
