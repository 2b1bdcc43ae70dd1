// Which versions a timeline takes, in the order of its log.
#pragma once

#include <unordered_map>
#include <vector>

#include "registry/facts/fact.h"

namespace kpr {

class KnownVersions {
 public:
  void Add(const Fact& fact);
  // False for equal copies. Another content under a known id is taken once, since a finding is made from it;
  // what goes beyond limits::kFactsOfSubject is not.
  bool Takes(const Fact& fact) const;

 private:
  std::unordered_map<Uuid, std::vector<Fact>, BytesHash> by_id_;
  size_t own_ = 0;  // events sent about the subject itself; changes of identity have limits of their own
};

// Those of the versions that a timeline takes. The facts are views of the same bytes.
std::vector<Fact> TakenOf(const std::vector<Fact>& versions);

}  // namespace kpr
