// SHA-256, base64 and random bytes, by OpenSSL. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kpr::crypto {

inline constexpr size_t kHashBytes = 32;

std::string Sha256(std::string_view bytes);       // 64 hexadecimal digits
std::string Sha256Bytes(std::string_view bytes);  // 32 bytes

// Of bytes that come in pieces. Not thread-safe.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void Add(std::string_view bytes);
  std::string Finish();  // 64 hexadecimal digits; once, at the end

 private:
  void* context_;
};

std::string ToBase64(std::string_view bytes);
// None: not the one spelling of any bytes.
std::optional<std::string> FromBase64(std::string_view text);

// For keys and nonces: the system's random numbers.
Result<std::string> RandomBytes(size_t count);

}  // namespace kpr::crypto
