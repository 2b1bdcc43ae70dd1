#include "registry/timeline/known_versions.h"

#include <algorithm>

#include "base/limits.h"

namespace kpr {
namespace {

bool IsOwn(const Fact& fact) {
  return fact.forward_count == 0 && fact.kind != FactKind::kIdentityChanged;
}

std::pair<uint64_t, bool> CountedAs(const Fact& fact) {
  return {fact.sender, fact.status != VersionStatus::kOriginal};
}

bool IsCopy(const Fact& fact, const Fact& other) {
  const bool same_path = other.forward_count == fact.forward_count && other.tail == fact.tail;
  return other.SameContent(fact) && (other.forward_count == 0 || same_path);
}

}  // namespace

void KnownVersions::Add(const Fact& fact) {
  std::vector<Fact>& same_id = by_id_[fact.event_id];
  const bool fresh =
      std::none_of(same_id.begin(), same_id.end(), [&](const Fact& other) { return other.SameEvent(fact); });
  if (IsOwn(fact) && fresh) ++own_[CountedAs(fact)];
  same_id.push_back(fact);
}

bool KnownVersions::Accepts(const Fact& fact) const {
  const Fact* first = nullptr;
  bool content_known = false, two_contents = false;
  if (const auto it = by_id_.find(fact.event_id); it != by_id_.end()) {
    for (const Fact& other : it->second) {
      if (!other.SameEvent(fact)) continue;
      if (IsCopy(fact, other)) return false;
      if (first == nullptr) first = &other;
      content_known = content_known || other.SameContent(fact);
      two_contents = two_contents || !other.SameContent(*first);
    }
  }
  if (first != nullptr) return content_known || !two_contents;
  if (!IsOwn(fact)) return true;
  const auto counted = own_.find(CountedAs(fact));
  return counted == own_.end() || counted->second < limits::kFactsOfSubject;
}

std::vector<Fact> AcceptedOf(const std::vector<Fact>& versions) {
  KnownVersions known;
  std::vector<Fact> accepted;
  for (const Fact& fact : versions) {
    if (!known.Accepts(fact)) continue;
    known.Add(fact);
    accepted.push_back(fact);
  }
  return accepted;
}

bool AcceptedBytes(const std::vector<Fact>& known, std::string_view added,
                   std::vector<std::string_view>* accepted) {
  std::vector<Fact> facts;
  if (!DecodeFacts(added, &facts)) return false;
  KnownVersions versions;
  for (const Fact& fact : known) versions.Add(fact);
  size_t at = 0;
  for (const Fact& fact : facts) {
    const size_t size = sizeof(FactHeader) + fact.tail.size();
    if (versions.Accepts(fact)) {
      accepted->push_back(added.substr(at, size));
      versions.Add(fact);
    }
    at += size;
  }
  return true;
}

}  // namespace kpr
