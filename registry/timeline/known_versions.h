// Which versions a timeline accepts, in the order of its log.
#pragma once

#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "registry/facts/fact.h"

namespace kpr {

class KnownVersions {
 public:
  void Add(const Fact& fact);
  // False for equal copies. Another content under a known id is accepted once, since a finding is made from
  // it; what goes beyond limits::kFactsOfSubject is not: so many facts of each sender, and so many
  // corrections.
  bool Accepts(const Fact& fact) const;

 private:
  std::unordered_map<Uuid, std::vector<Fact>, BytesHash> by_id_;
  // Events sent about the subject itself, by sender and whether they correct; changes of identity have limits
  // of their own.
  std::map<std::pair<uint64_t, bool>, size_t> own_;
};

// Those of the versions that a timeline accepts. The facts are views of the same bytes.
std::vector<Fact> AcceptedOf(const std::vector<Fact>& versions);

// The bytes of each of the `added` versions, as DecodeFacts takes them, that a timeline with the known ones
// accepts. False where they are damaged.
bool AcceptedBytes(const std::vector<Fact>& known, std::string_view added,
                   std::vector<std::string_view>* accepted);

}  // namespace kpr
