#include "indicators/reference/naive_subject.h"

#include <algorithm>

#include "base/ids.h"

namespace kpr::naive {
namespace {

const std::string& OriginalOf(const v1::Event& e) {
  return e.status() == v1::EVENT_STATUS_ORIGINAL ? e.event_id() : e.refers_to();
}

int RankOf(const v1::Event& e) {
  if (e.has_service_started()) return 0;
  if (e.has_provider_changed()) return 1;
  if (e.has_service_resumed()) return 2;
  if (e.has_service_paused()) return 3;
  return e.has_service_ended() ? 4 : 5;
}

}  // namespace

std::vector<const OwnedEvent*> Effective(const std::vector<const OwnedEvent*>& events) {
  // Owner, original, kind of fact, and whose identity is changed.
  using About = std::tuple<std::string, std::string, int, std::string>;
  std::set<std::pair<std::string, std::string>> seen;
  std::set<About> originals;
  std::map<About, std::vector<const OwnedEvent*>> about;
  for (const OwnedEvent* owned : events) {
    const v1::Event& e = owned->event;
    if (!seen.insert({owned->owner, e.event_id()}).second) continue;
    const About key{owned->owner, OriginalOf(e), e.fact_case(),
                    e.has_identity_changed() ? e.subject().pseudonym() : ""};
    about[key].push_back(owned);
    if (e.status() == v1::EVENT_STATUS_ORIGINAL) originals.insert(key);
  }
  std::vector<const OwnedEvent*> result;
  for (const auto& [original, versions] : about) {
    if (!originals.contains(original)) continue;
    const OwnedEvent* winner = *std::max_element(versions.begin(), versions.end(), [](auto* a, auto* b) {
      return std::pair(a->event.sequence(), a->event.event_id()) <
             std::pair(b->event.sequence(), b->event.event_id());
    });
    if (winner->event.status() != v1::EVENT_STATUS_ANNUL) result.push_back(winner);
  }
  return result;
}

uint64_t RankOfOwner(const OwnedEvent& event) {
  return Fnv1a(event.owner);
}

Subject::Subject(const std::vector<const OwnedEvent*>& effective) {
  for (const OwnedEvent* owned : effective)
    events.push_back({&owned->event, *Date::Parse(owned->event.occurred_on()), RankOfOwner(*owned)});
  std::sort(events.begin(), events.end(), [](const EffectiveEvent& a, const EffectiveEvent& b) {
    const auto key = [](const EffectiveEvent& t) {
      return std::tuple(t.on, RankOf(*t.e), static_cast<int>(t.e->fact_case()), t.owner, t.e->sequence(),
                        OriginalOf(*t.e));
    };
    return key(a) < key(b);
  });
  for (const EffectiveEvent& t : events) Take(t);
  std::map<int, std::set<std::string>> reporters;
  for (const EffectiveEvent& t : events) {
    if (!t.e->has_identity_changed() && !t.e->has_contact())
      reporters[t.on.year()].insert(t.e->municipality());
  }
  for (const auto& [year, municipalities] : reporters) {
    if (person && municipalities.size() >= 5) test_years.insert(year);
  }
}

Stay* Subject::Running(const std::string& service) {
  for (size_t i = stays.size(); i-- > 0;) {
    if (stays[i].start->service_id() == service) return stays[i].last == kNoEnd ? &stays[i] : nullptr;
  }
  return nullptr;
}

void Subject::Take(const EffectiveEvent& t) {
  const v1::Event& e = *t.e;
  const bool survey = e.has_survey_invitation() || e.has_survey_response();
  person = person || (e.subject().has_pseudonym() && !survey);
  respondent = respondent || survey;
  provider = provider || e.subject().has_provider();
  municipality = municipality || e.subject().has_municipality();
  if (e.has_person_details()) {
    birth = Date::Parse(e.person_details().birth_date());
    death = Date::Parse(e.person_details().death_date()).value_or(kNoEnd);
    death_place = e.person_details().death_place();
    sex = e.person_details().sex();
  }
  if (e.has_service_started() && Running(e.service_started().service_id()) == nullptr) {
    stays.push_back({&e.service_started(),
                     t.on,
                     kNoEnd,
                     e.municipality(),
                     {t.owner, e.sequence(), e.event_id()},
                     {},
                     {}});
    stays.back().providers.emplace_back(t.on, e.service_started().provider());
  }
  if (e.has_service_ended()) {
    if (Stay* stay = Running(e.service_ended().service_id())) stay->last = t.on;
  }
  if (e.has_provider_changed()) {
    if (Stay* stay = Running(e.provider_changed().service_id()))
      stay->providers.emplace_back(t.on, e.provider_changed().provider());
  }
  if (e.has_service_paused()) {
    if (Stay* stay = Running(e.service_paused().service_id()))
      stay->pauses.emplace_back(t.on, EndsToday(t) ? t.on : kNoEnd, e.service_paused().pause_id());
  }
  if (e.has_service_resumed()) {
    Stay* stay = Running(e.service_resumed().service_id());
    if (stay == nullptr) return;
    for (auto& [from, until, id] : stay->pauses) {
      if (id != e.service_resumed().pause_id() || until != kNoEnd) continue;
      until = t.on;
      used_.insert(&e);
      break;
    }
  }
}

// Whether that day has a resumption of the pause that ended no earlier one.
bool Subject::EndsToday(const EffectiveEvent& pause) {
  for (const EffectiveEvent& t : events) {
    if (t.on != pause.on || !t.e->has_service_resumed()) continue;
    const v1::ServiceResumed& resumed = t.e->service_resumed();
    const v1::ServicePaused& paused = pause.e->service_paused();
    if (resumed.service_id() != paused.service_id() || resumed.pause_id() != paused.pause_id()) continue;
    if (used_.insert(t.e).second) return true;
  }
  return false;
}

Date Subject::last_day() const {
  if (!person) return kNoEnd;
  Date last = events.empty() ? kFirstDate : events.back().on;
  for (const Stay& stay : stays) last = std::max(last, Leaves(stay));
  for (const EffectiveEvent& t : events) {
    if (t.e->has_place_applied()) last = std::max(last, death);
  }
  return last;
}

bool Subject::GivenOn(const Stay& stay, Date day, bool pauses_interrupt) const {
  if (day < stay.first || day > stay.last || day > death) return false;
  if (!pauses_interrupt) return true;
  for (const auto& [from, until, id] : stay.pauses) {
    if (from <= day && day < until) return false;
  }
  return true;
}

bool Subject::GivenAnyDay(const Stay& stay, Date first, Date last, bool pauses_interrupt) const {
  for (Date day = std::max(first, stay.first); day <= std::min(last, stay.last) && day <= death;
       day = day + 1) {
    if (GivenOn(stay, day, pauses_interrupt)) return true;
  }
  return false;
}

std::string Subject::ProviderOn(const Stay& stay, Date day) {
  std::string at = stay.providers.front().second;
  for (const auto& [from, name] : stay.providers) {
    if (from <= day) at = name;
  }
  return at;
}

bool Subject::DeclinedBy(const std::string& application, Date day) const {
  return std::any_of(events.begin(), events.end(), [&](const EffectiveEvent& t) {
    return t.e->has_place_declined() && t.on <= day && t.e->place_declined().application_id() == application;
  });
}

bool Subject::OpenApplication(const EffectiveEvent& t, const std::set<uint32_t>& types, Date day) const {
  const v1::Event& e = *t.e;
  if (!e.has_place_applied() || !types.contains(e.place_applied().service_type())) return false;
  if (t.on > day || day > death || DeclinedBy(e.place_applied().application_id(), day)) return false;
  return std::none_of(stays.begin(), stays.end(), [&](const Stay& stay) {
    return types.contains(stay.start->service_type()) && stay.first >= t.on && stay.first <= day;
  });
}

}  // namespace kpr::naive
