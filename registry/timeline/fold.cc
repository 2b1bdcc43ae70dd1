#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/limits.h"
#include "registry/facts/person_facts.h"
#include "registry/facts/place_facts.h"
#include "registry/facts/service_facts.h"
#include "registry/timeline/in_force.h"
#include "registry/timeline/known_versions.h"
#include "registry/timeline/subject_state.h"
#include "registry/timeline/survey_rounds.h"

namespace kpr {
namespace {

constexpr int32_t kHoursOfWeek = 16'800;  // hundredths
constexpr size_t kManyMunicipalities = 5;

// The order in which a service lives through one day; a resumption of a pause that begins that day comes
// after it.
int RankOnDay(FactKind kind) {
  static constexpr FactKind kOrder[] = {FactKind::kServiceStarted, FactKind::kProviderChanged,
                                        FactKind::kServiceResumed, FactKind::kServicePaused,
                                        FactKind::kServiceEnded};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), kind) - std::begin(kOrder));
}

// By date; on one day in the order in which a service can live through them, then as numbered by the sender.
// Between senders the order is that of their numbers, which none can choose: a sequence means something to
// its sender only.
bool Before(const Fact& a, const Fact& b) {
  if (a.occurred_on != b.occurred_on) return a.occurred_on < b.occurred_on;
  if (RankOnDay(a.kind) != RankOnDay(b.kind)) return RankOnDay(a.kind) < RankOnDay(b.kind);
  if (a.kind != b.kind) return a.kind < b.kind;
  if (a.sender != b.sender) return a.sender < b.sender;
  if (a.sequence != b.sequence) return a.sequence < b.sequence;
  return a.original < b.original;
}

// Walks the service facts in order and builds the spells; what does not fit is a finding and has no effect.
class SpellBuilder {
 public:
  explicit SpellBuilder(SubjectState* state) : state_(state) {}

  void Take(const Fact& fact) {
    if (fact.kind == FactKind::kServiceStarted) Start(fact);
    if (fact.kind == FactKind::kServiceEnded) End(fact);
    if (fact.kind == FactKind::kProviderChanged) ChangeProvider(fact);
    if (fact.kind == FactKind::kServicePaused) PauseFrom(fact);
    if (fact.kind == FactKind::kServiceResumed) Resume(fact);
  }

  // After the last fact.
  void Finish() {
    for (const Fact* resumption : early_) AddFinding(FindingCode::kResumeWithoutPause, *resumption);
  }

 private:
  Spell* Running(const Fact& fact) {
    const auto it = latest_.find(ServiceFact{fact}.service());
    if (it == latest_.end()) return nullptr;
    Spell& spell = state_->spells[it->second];
    return spell.end == kNoEnd ? &spell : nullptr;
  }

  void AddFinding(FindingCode code, const Fact& fact, Uuid related = {}) {
    state_->findings.push_back(Found(code, fact, related));
  }

  void Start(const Fact& fact) {
    if (const Spell* running = Running(fact)) {
      return AddFinding(FindingCode::kStartWhileRunning, fact, running->start_event);
    }
    Spell spell;
    spell.service = ServiceFact{fact}.service();
    spell.type = ServiceFact{fact}.service_type();
    spell.municipality = fact.municipality;
    spell.start = fact.occurred_on;
    spell.hours = ServiceFact{fact}.hours_per_week();
    spell.start_event = fact.event_id;
    spell.start_sequence = fact.sequence;
    spell.sender = fact.sender;
    spell.providers.push_back({fact.occurred_on, fact.provider});
    latest_[spell.service] = state_->spells.size();
    state_->spells.push_back(std::move(spell));
  }

  void End(const Fact& fact) {
    Spell* spell = Running(fact);
    if (spell == nullptr) return AddFinding(FindingCode::kEndWithoutStart, fact);
    spell->end = fact.occurred_on;
    for (Pause& pause : spell->pauses) {
      if (pause.until == kNoEnd) AddFinding(FindingCode::kPauseWithoutEnd, fact, spell->start_event);
    }
  }

  void ChangeProvider(const Fact& fact) {
    Spell* spell = Running(fact);
    if (spell == nullptr) return AddFinding(FindingCode::kProviderChangeWithoutService, fact);
    spell->providers.push_back({fact.occurred_on, fact.provider});
  }

  void PauseFrom(const Fact& fact) {
    Spell* spell = Running(fact);
    if (spell == nullptr) return AddFinding(FindingCode::kPauseWithoutService, fact);
    const bool ends_today = EndsEarly(fact);
    if (!ends_today) OpenPauses(fact)->push_back(spell->pauses.size());
    const Date until = ends_today ? fact.occurred_on : kNoEnd;
    spell->pauses.push_back({fact.occurred_on, until, ServiceFact{fact}.pause()});
  }

  void Resume(const Fact& fact) {
    Spell* spell = Running(fact);
    std::deque<size_t>* open = spell == nullptr ? nullptr : OpenPauses(fact);
    if (open == nullptr || open->empty()) return early_.push_back(&fact);
    spell->pauses[open->front()].until = fact.occurred_on;
    open->pop_front();
  }

  // A resumption of the same pause and day that has come before it.
  bool EndsEarly(const Fact& pause) {
    const auto it = std::find_if(early_.begin(), early_.end(), [&](const Fact* resumption) {
      return resumption->occurred_on == pause.occurred_on &&
             ServiceFact{*resumption}.service() == ServiceFact{pause}.service() &&
             ServiceFact{*resumption}.pause() == ServiceFact{pause}.pause();
    });
    if (it == early_.end()) return false;
    early_.erase(it);
    return true;
  }

  // Of the service's latest spell, by their ids.
  std::deque<size_t>* OpenPauses(const Fact& fact) {
    return &open_pauses_[{latest_[ServiceFact{fact}.service()], ServiceFact{fact}.pause()}];
  }

  SubjectState* state_;
  std::vector<const Fact*> early_;               // resumptions without a pause so far
  std::unordered_map<uint64_t, size_t> latest_;  // spell of each service
  std::map<std::pair<size_t, uint64_t>, std::deque<size_t>> open_pauses_;
};

void ReadDetails(SubjectState* state) {
  for (const Fact& fact : state->effective) {  // by date: the last one counts
    if (fact.kind != FactKind::kPersonDetails) continue;
    const PersonDetailsFact details{fact};
    state->sex = details.sex();
    state->birth = details.birth();
    const int32_t death = details.death_day();
    state->death = death == kUnknownDay ? kNoEnd : Date{death};
    state->death_place = details.death_place();
  }
}

void FindLifeConflicts(SubjectState* state) {
  for (const Fact& fact : state->effective) {
    if (fact.kind == FactKind::kPersonDetails || fact.kind == FactKind::kIdentityChanged) continue;
    // An end may be written after the death it follows from.
    if (fact.occurred_on > state->death && fact.kind != FactKind::kServiceEnded) {
      state->findings.push_back(Found(FindingCode::kAfterDeath, fact));
    }
    if (state->birth.days != kUnknownDay && fact.occurred_on < state->birth) {
      state->findings.push_back(Found(FindingCode::kBeforeBirth, fact));
    }
  }
}

// Each service that begins while another of its type runs; named is the one that runs longest.
void FindOverlaps(SubjectState* state) {
  std::map<uint16_t, const Spell*> longest;
  for (const Spell& spell : state->spells) {
    const Spell*& other = longest[spell.type];
    if (other != nullptr && other->end > spell.start) {
      // Ids are for their sender's eyes only.
      const Uuid related = spell.sender == other->sender ? other->start_event : Uuid();
      state->findings.push_back(
          {FindingCode::kOverlap, spell.start_event, related, spell.municipality, spell.sender});
    }
    if (other == nullptr || spell.end > other->end) other = &spell;
  }
}

void FindTooManyHours(SubjectState* state) {
  std::multimap<Date, int32_t> running;  // hours a week, by last day
  int64_t hours = 0;
  for (const Spell& spell : state->spells) {
    while (!running.empty() && running.begin()->first < spell.start) {
      hours -= running.begin()->second;
      running.erase(running.begin());
    }
    running.emplace(spell.end, spell.hours);
    hours += spell.hours;
    if (hours > kHoursOfWeek) {
      state->findings.push_back(
          {FindingCode::kTooManyHours, spell.start_event, {}, spell.municipality, spell.sender});
    }
  }
}

void FindGrantsWithoutApplication(SubjectState* state) {
  std::set<uint64_t> applied;
  for (const Fact& fact : state->effective) {
    if (fact.kind == FactKind::kPlaceApplied) applied.insert(PlaceFact{fact}.application());
  }
  for (const Fact& fact : state->effective) {
    if (fact.kind == FactKind::kPlaceGranted && !applied.contains(PlaceFact{fact}.application()))
      state->findings.push_back(Found(FindingCode::kGrantWithoutApplication, fact));
  }
}

void FindSurveyConflicts(SubjectState* state) {
  const SurveyRounds found = SurveyRoundsOf(state->effective);
  for (const Fact* response : found.uninvited)
    state->findings.push_back(Found(FindingCode::kResponseWithoutInvitation, *response));
  for (const auto& [response, first] : found.repeated) {
    // Ids are for their sender's eyes only.
    const Uuid related = response->sender == first->sender ? first->event_id : Uuid();
    state->findings.push_back(Found(FindingCode::kResponseAgain, *response, related));
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

// A sender is told by the last of its facts that was accepted.
static void FindTooManyFacts(const std::vector<Fact>& versions, std::vector<TimelineFinding>* findings) {
  if (versions.size() < limits::kFactsOfSubject) return;
  struct Sent {
    std::unordered_set<Uuid, BytesHash> ids;
    const Fact* last = nullptr;
  };
  std::map<std::pair<uint64_t, bool>, Sent> sent;
  for (const Fact& fact : versions) {
    if (fact.forward_count > 0 || fact.kind == FactKind::kIdentityChanged) continue;
    Sent& of = sent[{fact.sender, fact.status != VersionStatus::kOriginal}];
    of.ids.insert(fact.event_id);
    of.last = &fact;
  }
  for (const auto& [sender, of] : sent) {
    if (of.ids.size() >= limits::kFactsOfSubject)
      findings->push_back(Found(FindingCode::kTooManyFacts, *of.last));
  }
}

SubjectState Fold(SubjectId subject, const std::vector<Fact>& versions) {
  if (versions.size() > limits::kFactsOfSubject) {
    std::vector<Fact> accepted = AcceptedOf(versions);
    if (accepted.size() < versions.size()) return Fold(subject, accepted);
  }
  SubjectState state;
  state.subject = subject;
  InForce in_force = SelectInForce(subject, versions);
  state.findings = std::move(in_force.findings);
  FindTooManyFacts(versions, &state.findings);
  state.merged = in_force.merged_by != nullptr;
  state.effective.reserve(in_force.facts.size());
  for (const Fact* fact : in_force.facts) state.effective.push_back(*fact);
  std::sort(state.effective.begin(), state.effective.end(), Before);
  if (!state.merged) {
    SpellBuilder builder(&state);
    for (const Fact& fact : state.effective) {
      if (IsServiceFact(fact.kind)) builder.Take(fact);
    }
    builder.Finish();
    ReadDetails(&state);
    FindLifeConflicts(&state);
    FindOverlaps(&state);
    FindTooManyHours(&state);
    FindGrantsWithoutApplication(&state);
    FindSurveyConflicts(&state);
    for (const int year : ManyMunicipalityYears(state)) {
      for (const Fact& fact : state.effective) {
        if (fact.kind == FactKind::kIdentityChanged) continue;
        if (fact.occurred_on.year() == year)
          state.findings.push_back(Found(FindingCode::kManyMunicipalities, fact));
      }
    }
  }
  std::sort(state.findings.begin(), state.findings.end());
  state.findings.erase(std::unique(state.findings.begin(), state.findings.end()), state.findings.end());
  return state;
}

std::vector<Forwarded> ForwardedFacts(SubjectId subject, const std::vector<Fact>& versions) {
  if (versions.size() > limits::kFactsOfSubject) {
    std::vector<Fact> accepted = AcceptedOf(versions);
    if (accepted.size() < versions.size()) return ForwardedFacts(subject, accepted);
  }
  std::vector<Forwarded> result;
  const std::set<SubjectId> targets = IdentityTargets(subject, versions);
  if (targets.empty()) return result;
  const InForce in_force = SelectInForce(subject, versions);
  for (const Fact& fact : versions) {
    const bool own = fact.kind == FactKind::kIdentityChanged && fact.from_subject() == subject;
    const bool beyond = own && fact.status != VersionStatus::kAnnul && fact.to_subject() != subject &&
                        !targets.contains(fact.to_subject());
    if (beyond) continue;
    const bool own_change =
        own || (fact.kind == FactKind::kIdentityChanged && fact.status == VersionStatus::kAnnul);
    if (own_change) {
      // Whoever was ever named must learn what became of it.
      for (const SubjectId& to : targets) result.push_back({to, Forward(fact, {})});
    }
    if (in_force.merged_by == nullptr || fact.forward_count >= limits::kIdentityHops) continue;
    if (own_change && fact.SameOriginal(*in_force.merged_by)) continue;
    // What came by this change already would only go round.
    bool went_round = false;
    for (int i = 0; i < fact.forward_count; ++i)
      went_round = went_round || fact.forwarded_by(i) == in_force.merged_by->path_entry();
    if (went_round) continue;
    const Uuid forwarded_by[] = {in_force.merged_by->path_entry()};
    result.push_back({in_force.merged_by->to_subject(), Forward(fact, forwarded_by)});
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Date FirstDifference(const SubjectState& before, const SubjectState& after) {
  if (before.merged != after.merged) return kFirstDate;
  if (after.merged) return kNoEnd;
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
    if (i < a.size() && j < b.size() && a[i].SameEvent(b[j])) {
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
  const bool depends_on_earlier = kind == SubjectKind::kRespondent || kind == SubjectKind::kMunicipality;
  return depends_on_earlier && first != kNoEnd ? kFirstDate : first;
}

std::vector<int> ManyMunicipalityYears(const SubjectState& state) {
  std::vector<int> years;
  if (state.subject.kind() != SubjectKind::kPerson || state.merged) return years;
  const auto& facts = state.effective;
  const bool one = std::all_of(facts.begin(), facts.end(), [&](const Fact& fact) {
    return fact.municipality == facts.front().municipality;
  });
  if (one) return years;
  std::map<int, std::set<Municipality>> reported;
  for (const Fact& fact : facts) {
    if (fact.kind == FactKind::kIdentityChanged || fact.kind == FactKind::kContact) continue;
    reported[fact.occurred_on.year()].insert(fact.municipality);
  }
  for (const auto& [year, municipalities] : reported) {
    if (municipalities.size() >= kManyMunicipalities) years.push_back(year);
  }
  return years;
}

}  // namespace kpr
