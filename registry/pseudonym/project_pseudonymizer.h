// Pseudonyms of one research project: what is the same person, service or provider within its extracts, and
// cannot be told from any other in another project's. Keyed by the project's own key, which is derived from
// the key of extracts. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/status.h"
#include "registry/pseudonym/keyed_hash.h"

namespace kpr {

class ProjectPseudonymizer {
 public:
  // `key` of extracts, at least 32 bytes.
  static Result<ProjectPseudonymizer> Create(std::string_view key, std::string_view project);

  uint64_t Person(const SubjectId& person) const;
  // What facts share: a service, a pause, an application.
  uint64_t Reference(uint64_t reference) const;
  uint64_t ProviderToken(Provider provider) const;
  // By how many days all dates of the person are moved: -183 to 183.
  int ShiftDays(const SubjectId& person) const;

 private:
  explicit ProjectPseudonymizer(KeyedHash hash) : hash_(std::move(hash)) {}
  uint64_t Token(char kind, std::string_view bytes) const;
  KeyedHash hash_;
};

// 16 letters from a to p: digits could be taken for an identity number.
std::string TokenText(uint64_t token);

}  // namespace kpr
