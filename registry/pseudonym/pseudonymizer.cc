#include "registry/pseudonym/pseudonymizer.h"

#include <fmt/format.h>

#include <cstring>

namespace kpr {

Result<Pseudonymizer> Pseudonymizer::Create(std::string_view bytes) {
  auto hash = KeyedHash::Create(bytes);
  if (!hash.ok()) return hash.status().WithContext("pseudonym key");
  return Pseudonymizer(std::move(*hash));
}

Result<Pseudonymizer> Pseudonymizer::FromFile(const std::string& path) {
  auto bytes = ReadKeyFile(path);
  if (!bytes.ok()) return bytes.status().WithContext("pseudonym key");
  auto made = Create(*bytes);
  ClearKey(&*bytes);
  if (!made.ok()) return made.status().WithContext(path);
  return made;
}

SubjectId Pseudonymizer::Make(SubjectKind kind, std::string_view message) const {
  const KeyedHash::Digest digest = hash_.Of(message);
  SubjectId id;
  id.bytes[0] = static_cast<uint8_t>(kind);
  std::memcpy(id.bytes.data() + 1, digest.data(), 15);
  return id;
}

SubjectId Pseudonymizer::Person(uint32_t type, std::string_view number, std::string_view scope) const {
  return Make(SubjectKind::kPerson, fmt::format("person|{}|{}|{}", type, number, scope));
}

SubjectId Pseudonymizer::Respondent(std::string_view token) const {
  return Make(SubjectKind::kRespondent, fmt::format("respondent|{}", token));
}

std::string Pseudonymizer::LocalId(std::string_view owner, std::string_view id) const {
  std::string scoped = "local id|";
  scoped.append(owner).append("|").append(id);
  const SubjectId digest = Make(SubjectKind::kRespondent, scoped);
  std::string letters;
  letters.reserve(16);
  for (size_t i = 1; i <= 8; ++i) {
    letters += static_cast<char>('a' + digest.bytes[i] / 16);
    letters += static_cast<char>('a' + digest.bytes[i] % 16);
  }
  return letters;
}

std::string Pseudonymizer::KeyId() const {
  return Make(SubjectKind::kRespondent, "key id").ToHex().substr(2, 16);
}

}  // namespace kpr
