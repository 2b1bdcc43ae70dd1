#include "registry/timeline/history.h"

#include <algorithm>
#include <set>

#include "registry/timeline/fold.h"

namespace kpr {
namespace {

constexpr int32_t kHoursOfWeek = 16'800;  // hundredths
constexpr size_t kManyMunicipalities = 5;

TimelineFinding Found(FindingCode code, const Fact& fact, Uuid related = {}) {
  return {code, fact.event_id, related, fact.municipality, fact.sender};
}

// By date; on one day in the order in which a service can live through them.
bool Before(const Fact& a, const Fact& b) {
  if (a.occurred_on != b.occurred_on) return a.occurred_on < b.occurred_on;
  static constexpr auto kRank = [](FactKind kind) {
    switch (kind) {
      case FactKind::kServiceStarted:
        return 0;
      case FactKind::kProviderChanged:
        return 1;
      case FactKind::kServiceResumed:
        return 2;
      case FactKind::kServicePaused:
        return 3;
      case FactKind::kServiceEnded:
        return 4;
      default:
        return 5;
    }
  };
  if (kRank(a.kind) != kRank(b.kind)) return kRank(a.kind) < kRank(b.kind);
  if (a.kind != b.kind) return a.kind < b.kind;
  return a.original < b.original;
}

bool IsServiceFact(FactKind kind) {
  return kind >= FactKind::kServiceStarted && kind <= FactKind::kServiceResumed;
}

// Walks the service facts in order and builds the spells; what does not fit is a finding and has no effect.
class SpellBuilder {
 public:
  explicit SpellBuilder(History* history) : history_(history) {}

  void Take(const Fact& fact) {
    switch (fact.kind) {
      case FactKind::kServiceStarted:
        return Start(fact);
      case FactKind::kServiceEnded:
        return End(fact);
      case FactKind::kProviderChanged:
        return ChangeProvider(fact);
      case FactKind::kServicePaused:
        return PauseFrom(fact);
      case FactKind::kServiceResumed:
        return Resume(fact);
      default:
        return;
    }
  }

 private:
  Spell* Running(const Fact& fact) {
    for (auto it = history_->spells.rbegin(); it != history_->spells.rend(); ++it) {
      if (it->service == fact.service) return it->end == kNoEnd ? &*it : nullptr;
    }
    return nullptr;
  }

  void Find(FindingCode code, const Fact& fact, Uuid related = {}) {
    history_->findings.push_back(Found(code, fact, related));
  }

  void Start(const Fact& fact) {
    if (const Spell* running = Running(fact)) {
      return Find(FindingCode::kStartWhileRunning, fact, running->start_event);
    }
    Spell spell;
    spell.service = fact.service;
    spell.type = fact.type;
    spell.municipality = fact.municipality;
    spell.start = fact.occurred_on;
    spell.hours = fact.value(value_at::kHours);
    spell.start_event = fact.event_id;
    spell.sender = fact.sender;
    spell.providers.push_back({fact.occurred_on, fact.provider});
    history_->spells.push_back(std::move(spell));
  }

  void End(const Fact& fact) {
    Spell* spell = Running(fact);
    if (spell == nullptr) return Find(FindingCode::kEndWithoutStart, fact);
    spell->end = fact.occurred_on;
    for (Pause& pause : spell->pauses) {
      if (pause.until == kNoEnd) Find(FindingCode::kPauseWithoutEnd, fact, spell->start_event);
    }
  }

  void ChangeProvider(const Fact& fact) {
    Spell* spell = Running(fact);
    if (spell == nullptr) return Find(FindingCode::kProviderChangeWithoutService, fact);
    spell->providers.push_back({fact.occurred_on, fact.provider});
  }

  void PauseFrom(const Fact& fact) {
    Spell* spell = Running(fact);
    if (spell == nullptr) return Find(FindingCode::kPauseWithoutService, fact);
    spell->pauses.push_back({fact.occurred_on, kNoEnd, fact.pause});
  }

  void Resume(const Fact& fact) {
    Spell* spell = Running(fact);
    if (spell != nullptr) {
      for (Pause& pause : spell->pauses) {
        if (pause.id == fact.pause && pause.until == kNoEnd) {
          pause.until = fact.occurred_on;
          return;
        }
      }
    }
    Find(FindingCode::kResumeWithoutPause, fact);
  }

  History* history_;
};

void ReadDetails(History* history) {
  for (const Fact& fact : history->effective) {  // by date: the last one stands
    if (fact.kind != FactKind::kPersonDetails) continue;
    history->sex = fact.type;
    history->birth = {fact.value(value_at::kBirth)};
    const int32_t death = fact.value(value_at::kDeath);
    history->death = death == kUnknownDay ? kNoEnd : Date{death};
    history->death_place = fact.value(value_at::kDeathPlace);
  }
}

void FindLifeConflicts(History* history) {
  for (const Fact& fact : history->effective) {
    if (fact.kind == FactKind::kPersonDetails || fact.kind == FactKind::kIdentityChanged) continue;
    // An end may be written after the death it follows from.
    if (fact.occurred_on > history->death && fact.kind != FactKind::kServiceEnded) {
      history->findings.push_back(Found(FindingCode::kAfterDeath, fact));
    }
    if (history->birth.days != kUnknownDay && fact.occurred_on < history->birth) {
      history->findings.push_back(Found(FindingCode::kBeforeBirth, fact));
    }
  }
}

void FindOverlaps(History* history) {
  const auto& spells = history->spells;
  for (size_t i = 0; i < spells.size(); ++i) {
    int64_t hours = spells[i].hours;
    for (size_t j = 0; j < i; ++j) {
      if (spells[j].end < spells[i].start) continue;
      hours += spells[j].hours;
      if (spells[j].type == spells[i].type && spells[j].end > spells[i].start) {
        history->findings.push_back({FindingCode::kOverlap, spells[i].start_event, spells[j].start_event,
                                     spells[i].municipality, spells[i].sender});
      }
    }
    if (hours > kHoursOfWeek) {
      history->findings.push_back(
          {FindingCode::kTooManyHours, spells[i].start_event, {}, spells[i].municipality, spells[i].sender});
    }
  }
}

void FindMissingPartners(History* history) {
  std::set<uint64_t> invited, applied;
  for (const Fact& fact : history->effective) {
    if (fact.kind == FactKind::kSurveyInvitation) invited.insert(fact.service);
    if (fact.kind == FactKind::kPlaceApplied) applied.insert(fact.service);
  }
  for (const Fact& fact : history->effective) {
    if (fact.kind == FactKind::kSurveyResponse && !invited.contains(fact.service)) {
      history->findings.push_back(Found(FindingCode::kResponseWithoutInvitation, fact));
    }
    if (fact.kind == FactKind::kPlaceGranted && !applied.contains(fact.service)) {
      history->findings.push_back(Found(FindingCode::kGrantWithoutApplication, fact));
    }
  }
}

}  // namespace

bool Spell::PausedOn(Date day) const {
  return std::any_of(pauses.begin(), pauses.end(),
                     [&](const Pause& pause) { return pause.from <= day && day < pause.until; });
}

Provider Spell::ProviderOn(Date day) const {
  Provider provider = providers.front().provider;
  for (const ProviderFrom& change : providers) {
    if (change.from <= day) provider = change.provider;
  }
  return provider;
}

History Fold(SubjectId subject, const std::vector<Fact>& versions) {
  History history;
  history.subject = subject;
  InForce in_force = SelectInForce(subject, versions);
  history.findings = std::move(in_force.findings);
  history.moved = in_force.moved_by != nullptr;
  history.effective.reserve(in_force.facts.size());
  for (const Fact* fact : in_force.facts) history.effective.push_back(*fact);
  std::sort(history.effective.begin(), history.effective.end(), Before);
  if (!history.moved) {
    SpellBuilder builder(&history);
    for (const Fact& fact : history.effective) {
      if (IsServiceFact(fact.kind)) builder.Take(fact);
    }
    ReadDetails(&history);
    FindLifeConflicts(&history);
    FindOverlaps(&history);
    FindMissingPartners(&history);
    for (const int year : ManyMunicipalityYears(history)) {
      for (const Fact& fact : history.effective) {
        if (fact.kind == FactKind::kIdentityChanged) continue;
        if (fact.occurred_on.year() == year)
          history.findings.push_back(Found(FindingCode::kManyMunicipalities, fact));
      }
    }
  }
  std::sort(history.findings.begin(), history.findings.end());
  history.findings.erase(std::unique(history.findings.begin(), history.findings.end()),
                         history.findings.end());
  return history;
}

std::vector<HandedOn> HandOns(SubjectId subject, const std::vector<Fact>& versions) {
  std::vector<HandedOn> result;
  std::set<SubjectId> named;
  for (const Fact& fact : versions) {
    if (fact.kind == FactKind::kIdentityChanged && fact.from_subject() == subject &&
        fact.to_subject() != subject && fact.status != VersionStatus::kAnnul) {
      named.insert(fact.to_subject());
    }
  }
  if (named.empty()) return result;
  const InForce in_force = SelectInForce(subject, versions);
  for (const Fact& fact : versions) {
    const bool own_change = fact.kind == FactKind::kIdentityChanged &&
                            (fact.status == VersionStatus::kAnnul || fact.from_subject() == subject);
    if (own_change) {
      // Whoever was ever named must learn what became of it.
      for (const SubjectId& to : named) result.push_back({to, HandOn(fact, {})});
    }
    if (in_force.moved_by == nullptr) continue;
    if (own_change && fact.original == in_force.moved_by->original) continue;
    // What came by this change already would only go round.
    bool went_round = false;
    for (int i = 0; i < fact.via_count; ++i)
      went_round = went_round || fact.via(i) == in_force.moved_by->original;
    if (went_round) continue;
    const Uuid via[] = {in_force.moved_by->original};
    result.push_back({in_force.moved_by->to_subject(), HandOn(fact, via)});
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Date FirstDifference(const History& before, const History& after) {
  if (before.moved != after.moved) return kFirstDate;
  if (after.moved) return kNoEnd;
  if (before.birth != after.birth || before.sex != after.sex) return kFirstDate;
  const bool same_death = before.death == after.death && before.death_place == after.death_place;
  Date first = same_death ? kNoEnd : std::min(before.death, after.death);
  size_t i = 0, j = 0;
  const auto& a = before.effective;
  const auto& b = after.effective;
  const auto skip = [](const std::vector<Fact>& facts, size_t at) {
    while (at < facts.size() && facts[at].kind == FactKind::kPersonDetails) ++at;
    return at;
  };
  while (true) {
    i = skip(a, i);
    j = skip(b, j);
    if (i == a.size() && j == b.size()) break;
    if (i < a.size() && j < b.size() && a[i].event_id == b[j].event_id) {
      ++i;
      ++j;
      continue;
    }
    if (i < a.size()) first = std::min(first, a[i].occurred_on);
    if (j < b.size()) first = std::min(first, b[j].occurred_on);
    break;
  }
  const std::vector<int> years_before = ManyMunicipalityYears(before),
                         years_after = ManyMunicipalityYears(after);
  if (years_before != years_after) {
    std::vector<int> changed;
    std::set_symmetric_difference(years_before.begin(), years_before.end(), years_after.begin(),
                                  years_after.end(), std::back_inserter(changed));
    first = std::min(first, Date::FromYmd(changed.front(), 1, 1));
  }
  // An answer counts in the period of its invitation, a declaration in the months it is about: long past.
  const SubjectKind kind = after.subject.kind();
  const bool looks_ahead = kind == SubjectKind::kRespondent || kind == SubjectKind::kMunicipality;
  return looks_ahead && first != kNoEnd ? kFirstDate : first;
}

std::vector<int> ManyMunicipalityYears(const History& history) {
  std::vector<int> years;
  if (history.subject.kind() != SubjectKind::kPerson || history.moved) return years;
  const auto& facts = history.effective;
  const bool one = std::all_of(facts.begin(), facts.end(), [&](const Fact& fact) {
    return fact.municipality == facts.front().municipality;
  });
  if (one) return years;
  std::map<int, std::set<Municipality>> reported;
  for (const Fact& fact : facts) {
    if (fact.kind != FactKind::kIdentityChanged) reported[fact.occurred_on.year()].insert(fact.municipality);
  }
  for (const auto& [year, municipalities] : reported) {
    if (municipalities.size() >= kManyMunicipalities) years.push_back(year);
  }
  return years;
}

}  // namespace kpr
