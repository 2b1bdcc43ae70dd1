// From identity numbers to pseudonyms: HMAC-SHA-256 under the register's key, cut to 15 bytes behind a kind
// byte. The same number gives the same pseudonym for as long as the key lives; without the key neither
// direction can be computed. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/status.h"
#include "registry/pseudonym/keyed_hash.h"

namespace kpr {

class Pseudonymizer {
 public:
  // At least 32 bytes, which are copied.
  static Result<Pseudonymizer> Create(std::string_view key);
  // As ReadKeyFile.
  static Result<Pseudonymizer> FromFile(const std::string& path);

  // `scope` makes numbers unique that are not so by themselves (type 9: municipality and local number).
  SubjectId Person(uint32_t type, std::string_view number, std::string_view scope = {}) const;
  SubjectId Respondent(std::string_view token) const;
  // What stands for a sender's local id in the log: 16 letters from a to p, as digits could be
  // taken for an identity number.
  std::string LocalId(std::string_view owner, std::string_view id) const;
  // Tells keys apart and says nothing of them.
  std::string KeyId() const;

 private:
  explicit Pseudonymizer(KeyedHash hash) : hash_(std::move(hash)) {}
  SubjectId Make(SubjectKind kind, std::string_view message) const;
  KeyedHash hash_;
};

}  // namespace kpr
