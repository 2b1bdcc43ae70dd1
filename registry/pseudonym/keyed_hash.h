// HMAC-SHA-256 under one key. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kpr {

class KeyedHash {
 public:
  using Digest = std::array<uint8_t, 32>;

  // At least 32 bytes, which are copied. kInvalid: fewer.
  static Result<KeyedHash> Create(std::string_view key);
  KeyedHash(KeyedHash&&) noexcept;
  KeyedHash& operator=(KeyedHash&&) noexcept;
  ~KeyedHash();

  Digest Of(std::string_view message) const;

 private:
  struct Key;
  explicit KeyedHash(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// The bytes of a key file: one line of 64 or more hexadecimal digits that its owner alone can read.
// kFailedPrecondition: others can. kNotFound: there is none.
Result<std::string> ReadKeyFile(const std::string& path);
// Overwrites a key in memory, after its last use.
void ClearKey(std::string* key);

// Writes a new random key where there is none yet, readable by the owner alone.
Status MakeKeyFile(const std::string& path);

}  // namespace kpr
