#include "registry/pseudonym/project_pseudonymizer.h"

#include <cstring>

namespace kpr {

Result<ProjectPseudonymizer> ProjectPseudonymizer::Create(std::string_view key, std::string_view project) {
  auto root = KeyedHash::Create(key);
  if (!root.ok()) return root.status().WithContext("key of extracts");
  const KeyedHash::Digest own = root->Of("project|" + std::string(project));
  auto hash = KeyedHash::Create({reinterpret_cast<const char*>(own.data()), own.size()});
  if (!hash.ok()) return hash.status();
  return ProjectPseudonymizer(std::move(*hash));
}

uint64_t ProjectPseudonymizer::Token(char kind, std::string_view bytes) const {
  const KeyedHash::Digest digest = hash_.Of(std::string(1, kind).append(bytes));
  uint64_t token;
  std::memcpy(&token, digest.data(), sizeof token);
  return token;
}

uint64_t ProjectPseudonymizer::Person(const SubjectId& person) const {
  return Token('p', person.view());
}

uint64_t ProjectPseudonymizer::Reference(uint64_t reference) const {
  return Token('r', {reinterpret_cast<const char*>(&reference), sizeof reference});
}

uint64_t ProjectPseudonymizer::ProviderToken(Provider provider) const {
  return Token('o', {reinterpret_cast<const char*>(&provider.number), sizeof provider.number});
}

int ProjectPseudonymizer::ShiftDays(const SubjectId& person) const {
  constexpr int kMost = 183;
  return static_cast<int>(Token('d', person.view()) % (2 * kMost + 1)) - kMost;
}

std::string TokenText(uint64_t token) {
  std::string text(16, 'a');
  for (int i = 15; i >= 0; --i, token /= 16)
    text[static_cast<size_t>(i)] = static_cast<char>('a' + token % 16);
  return text;
}

}  // namespace kpr
