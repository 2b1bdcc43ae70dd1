#include "registry/timeline/in_force.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/limits.h"

namespace kpr {
namespace {

// Whether `a` is its sender's later word than `b`.
bool Later(const Fact& a, const Fact& b) {
  if (a.sender != b.sender) return a.sender > b.sender;
  return a.sequence != b.sequence ? a.sequence > b.sequence : a.event_id > b.event_id;
}

// The first stored version under each event id. Forwarded copies stand beside each other when they
// came by different paths: each path is judged for itself.
std::vector<const Fact*> WithoutDuplicates(const std::vector<Fact>& versions,
                                           std::vector<TimelineFinding>* findings) {
  std::vector<const Fact*> kept;
  kept.reserve(versions.size());
  std::vector<std::pair<uint64_t, uint32_t>> order;
  order.reserve(versions.size());
  for (uint32_t i = 0; i < versions.size(); ++i) order.emplace_back(BytesHash()(versions[i].event_id), i);
  std::sort(order.begin(), order.end());
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (std::adjacent_find(order.begin(), order.end(), same) == order.end()) {
    for (const Fact& fact : versions) kept.push_back(&fact);
    return kept;
  }
  std::vector<uint32_t> firsts;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && order[end].first == order[begin].first) ++end;
    for (size_t i = begin; i < end; ++i) {
      const Fact& fact = versions[order[i].second];
      bool duplicate = false;
      for (size_t j = begin; j < i && !duplicate; ++j) {
        const Fact& earlier = versions[order[j].second];
        if (!earlier.SameEvent(fact)) continue;
        if (!earlier.SameContent(fact)) {
          findings->push_back(Found(FindingCode::kConflictingContent, fact));
          duplicate = true;
        } else if (earlier.forward_count == fact.forward_count && earlier.tail == fact.tail) {
          duplicate = true;
        }
      }
      if (!duplicate) firsts.push_back(order[i].second);
    }
    begin = end;
  }
  std::sort(firsts.begin(), firsts.end());
  for (uint32_t i : firsts) kept.push_back(&versions[i]);
  return kept;
}

bool IsOwnChange(const Fact& fact, SubjectId subject) {
  return fact.kind == FactKind::kIdentityChanged && fact.from_subject() == subject &&
         fact.to_subject() != subject && fact.status != VersionStatus::kAnnul;
}

void DropChangesBeyondLimit(SubjectId subject, const std::set<SubjectId>& targets,
                            std::vector<const Fact*>* versions, std::vector<TimelineFinding>* findings) {
  std::erase_if(*versions, [&](const Fact* fact) {
    if (!IsOwnChange(*fact, subject) || targets.contains(fact->to_subject())) return false;
    findings->push_back(Found(FindingCode::kTooManyIdentityChanges, *fact));
    return true;
  });
}

// An event of a sender.
struct EventKey {
  uint64_t sender = 0;
  Uuid id;
  bool operator==(const EventKey&) const = default;
};
struct EventKeyHash {
  size_t operator()(const EventKey& key) const { return key.sender ^ BytesHash()(key.id); }
};
using Versions = std::unordered_map<EventKey, const Fact*, EventKeyHash>;

// A correction is of its original's kind and, where it changes an identity, of the same one's.
bool IsCorrectionOf(const Fact& correction, const Fact& original) {
  return correction.kind == original.kind && (correction.kind != FactKind::kIdentityChanged ||
                                              correction.from_subject() == original.from_subject());
}

// The winner for each original among `versions`; corrections without original are left in `waiting`. A
// correction is of its own sender's events only.
Versions Winners(const std::vector<const Fact*>& versions, std::vector<const Fact*>* waiting) {
  Versions winners;
  winners.reserve(versions.size());
  for (const Fact* fact : versions) {
    if (fact->status == VersionStatus::kOriginal)
      winners.emplace(EventKey{fact->sender, fact->event_id}, fact);
  }
  for (const Fact* fact : versions) {
    if (fact->status == VersionStatus::kOriginal) continue;
    const auto it = winners.find({fact->sender, fact->original});
    if (it == winners.end() || !IsCorrectionOf(*fact, *it->second)) {
      waiting->push_back(fact);
    } else if (Later(*fact, *it->second)) {
      it->second = fact;
    }
  }
  return winners;
}

// Identity changes that govern, by the identity they take away: of several in force for one identity the
// latest; of two identities that name each other the smaller one stays.
using Changes = std::map<SubjectId, const Fact*>;

const Fact* Governing(const Changes& changes, const Uuid& path_entry) {
  for (const auto& [from, change] : changes) {
    if (change->path_entry() == path_entry) return change;
  }
  return nullptr;
}

// Whether the changes a fact was forwarded through all hold and lead here.
bool PathHolds(const Fact& fact, const Changes& changes, SubjectId subject) {
  for (int i = fact.forward_count - 1; i >= 0; --i) {
    const Fact* change = Governing(changes, fact.forwarded_by(i));
    if (change == nullptr || change->to_subject() != subject) return false;
    subject = change->from_subject();
  }
  return true;
}

Changes SelectGoverning(const std::vector<const Fact*>& in_force, std::vector<TimelineFinding>* findings) {
  Changes changes;
  for (const Fact* change : in_force) {
    if (change->from_subject() == change->to_subject()) continue;
    const auto [it, fresh] = changes.emplace(change->from_subject(), change);
    if (fresh) continue;
    const Fact& other = *it->second;
    if (change->occurred_on != other.occurred_on ? change->occurred_on > other.occurred_on
                                                 : Later(*change, other)) {
      it->second = change;
    }
  }
  std::vector<SubjectId> stay;
  for (const auto& [from, change] : changes) {
    const auto back = changes.find(change->to_subject());
    if (back == changes.end() || back->second->to_subject() != from) continue;
    findings->push_back(Found(FindingCode::kIdentityCycle, *change));
    if (from < change->to_subject()) stay.push_back(from);
  }
  for (const SubjectId& subject : stay) changes.erase(subject);
  return changes;
}

// A change that was itself forwarded counts only while its own path holds, so the set is found in rounds.
Changes ChangesInForce(SubjectId subject, const std::vector<const Fact*>& versions,
                       std::vector<TimelineFinding>* findings) {
  constexpr int kRounds = 2 * limits::kIdentityHops;
  Changes changes;
  std::vector<TimelineFinding> found;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<const Fact*> reachable, waiting, in_force;
    for (const Fact* fact : versions) {
      if (fact->kind == FactKind::kIdentityChanged && PathHolds(*fact, changes, subject))
        reachable.push_back(fact);
    }
    for (const auto& [original, fact] : Winners(reachable, &waiting)) {
      if (fact->status != VersionStatus::kAnnul) in_force.push_back(fact);
    }
    found.clear();
    Changes next = SelectGoverning(in_force, &found);
    const bool settled = next == changes;
    changes = std::move(next);
    if (settled) break;
  }
  findings->insert(findings->end(), found.begin(), found.end());
  return changes;
}

// A correction that can never win, which a sender that carries on for another would not see.
void FindCorrectionsBefore(const std::vector<const Fact*>& versions, std::vector<TimelineFinding>* findings) {
  Versions originals;
  for (const Fact* fact : versions) {
    if (fact->status == VersionStatus::kOriginal)
      originals.emplace(EventKey{fact->sender, fact->event_id}, fact);
  }
  for (const Fact* fact : versions) {
    if (fact->status == VersionStatus::kOriginal) continue;
    const auto it = originals.find({fact->sender, fact->original});
    if (it != originals.end() && fact->sequence < it->second->sequence)
      findings->push_back(Found(FindingCode::kCorrectionBeforeOriginal, *fact, fact->original));
  }
}

// What a correction without an original of its own sender is told, and who else is.
void FindWaiting(const std::vector<const Fact*>& versions, const std::vector<const Fact*>& waiting,
                 std::vector<TimelineFinding>* findings) {
  if (waiting.empty()) return;
  std::multimap<Uuid, const Fact*> originals;
  for (const Fact* fact : versions) {
    if (fact->status == VersionStatus::kOriginal) originals.emplace(fact->event_id, fact);
  }
  for (const Fact* fact : waiting) {
    FindingCode code = FindingCode::kUnknownOriginal;
    const auto [begin, end] = originals.equal_range(fact->original);
    for (auto it = begin; it != end; ++it) {
      if (it->second->sender == fact->sender || !IsCorrectionOf(*fact, *it->second)) continue;
      code = FindingCode::kNotYourEvent;
      findings->push_back(Found(FindingCode::kCorrectedByAnother, *it->second));
    }
    findings->push_back(Found(code, *fact, fact->original));
  }
}

}  // namespace

std::set<SubjectId> IdentityTargets(SubjectId subject, const std::vector<Fact>& versions) {
  std::set<SubjectId> targets;
  for (const Fact& fact : versions) {
    if (IsOwnChange(fact, subject) && targets.size() < limits::kIdentityTargets)
      targets.insert(fact.to_subject());
  }
  return targets;
}

namespace {

// Those whose paths hold, each event once; the changes that hold; and what was found on the way.
std::vector<const Fact*> KeepReachable(SubjectId subject, const std::vector<Fact>& versions, Changes* changes,
                                       std::vector<TimelineFinding>* findings) {
  std::vector<const Fact*> kept = WithoutDuplicates(versions, findings);
  const bool any_change = std::any_of(kept.begin(), kept.end(), [](const Fact* fact) {
    return fact->kind == FactKind::kIdentityChanged || fact->forward_count > 0;
  });
  if (!any_change) return kept;
  DropChangesBeyondLimit(subject, IdentityTargets(subject, versions), &kept, findings);
  *changes = ChangesInForce(subject, kept, findings);
  std::erase_if(kept, [&](const Fact* fact) { return !PathHolds(*fact, *changes, subject); });
  // One copy of an event is enough now, whichever path it came by.
  std::unordered_set<EventKey, EventKeyHash> seen;
  std::erase_if(kept, [&](const Fact* fact) { return !seen.insert({fact->sender, fact->event_id}).second; });
  return kept;
}

const Fact* TakenAwayBy(SubjectId subject, const Changes& changes) {
  const auto own = changes.find(subject);
  return own == changes.end() ? nullptr : own->second;
}

}  // namespace

Belonging SelectBelonging(SubjectId subject, const std::vector<Fact>& versions) {
  Changes changes;
  std::vector<TimelineFinding> findings;
  Belonging belonging{KeepReachable(subject, versions, &changes, &findings), nullptr, {}};
  belonging.merged_by = TakenAwayBy(subject, changes);
  for (const auto& [from, change] : changes) {
    SubjectId at = from;
    for (int hops = 0; hops <= limits::kIdentityHops && at != subject; ++hops) {
      const auto next = changes.find(at);
      if (next == changes.end()) break;
      at = next->second->to_subject();
    }
    if (at == subject && from != subject) belonging.former.push_back(from);
  }
  return belonging;
}

InForce SelectInForce(SubjectId subject, const std::vector<Fact>& versions) {
  InForce result;
  Changes changes;
  std::vector<const Fact*> kept = KeepReachable(subject, versions, &changes, &result.findings);
  result.merged_by = TakenAwayBy(subject, changes);
  const bool stopped =
      result.merged_by != nullptr && std::any_of(kept.begin(), kept.end(), [](const Fact* fact) {
        return fact->forward_count >= limits::kIdentityHops;
      });
  if (stopped) result.findings.push_back(Found(FindingCode::kIdentityChainTooLong, *result.merged_by));
  const bool any_correction = std::any_of(
      kept.begin(), kept.end(), [](const Fact* fact) { return fact->status != VersionStatus::kOriginal; });
  if (!any_correction) {
    result.facts = std::move(kept);
    return result;
  }
  std::vector<const Fact*> waiting;
  for (const auto& [original, fact] : Winners(kept, &waiting)) {
    if (fact->status != VersionStatus::kAnnul) result.facts.push_back(fact);
  }
  FindWaiting(kept, waiting, &result.findings);
  FindCorrectionsBefore(kept, &result.findings);
  return result;
}

}  // namespace kpr
