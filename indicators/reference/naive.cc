#include "indicators/reference/naive.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kpr::naive {
namespace {

PeriodKind KindOf(int unit) {
  return unit == v1::PERIOD_UNIT_MONTH     ? PeriodKind::kMonth
         : unit == v1::PERIOD_UNIT_TERTIAL ? PeriodKind::kTertial
                                           : PeriodKind::kYear;
}

// Numbers of what not every sender tells, as the contract of kOwnCoverageIndicator has them.
std::set<uint32_t> OwnCoverage(const v1::Event& e) {
  if (e.has_contact()) return {static_cast<uint32_t>(e.contact().service())};
  if (e.has_hospital_discharge())
    return e.hospital_discharge().ready_on().empty() ? std::set<uint32_t>{32} : std::set<uint32_t>{32, 33};
  if (e.has_medicines_in_use()) return {34};
  if (e.has_palliative_plan() && !e.palliative_plan().ended()) return {35};
  if (e.has_follow_up_team() && !e.follow_up_team().ended()) return {36};
  if (e.has_digital_home_monitoring() && !e.digital_home_monitoring().ended()) return {37};
  if (e.has_informal_care()) return {38};
  if (e.place_declined().by() != v1::PlaceDeclined::BY_UNSPECIFIED) return {39};
  if (e.preventive_home_visit().declined()) return {40};
  const uint32_t applied = e.place_applied().service_type();
  if (applied == 3) return {41};
  return applied == 12 || applied == 29 ? std::set<uint32_t>{42} : std::set<uint32_t>{};
}

void AddReported(const Subject& subject, int last_year, ExpectedCells* cells) {
  for (const EffectiveEvent& t : subject.events) {
    if (t.e->has_person_details() || t.e->has_identity_changed() || t.e->has_inhabitants()) continue;
    if (t.on.year() > last_year) continue;
    CellKey key;
    key.period = ReferencePeriod::kMonth;
    key.year = static_cast<uint16_t>(t.on.year() * 12 + t.on.month() - 1);
    key.place = CellPlace::At(*Municipality::Parse(t.e->municipality()), {});
    key.indicator = kFactsIndicator;
    if (!t.e->has_contact() && !t.e->has_hospital_discharge()) (*cells)[key][slot::kDenominator] += 1;
    key.indicator = kOwnCoverageIndicator;
    for (const uint32_t own : OwnCoverage(*t.e)) (*cells)[key][slot::kClassBase + own] += 1;
  }
}

}  // namespace

std::string SubjectName(const v1::Subject& s) {
  if (s.has_pseudonym()) return s.pseudonym();
  if (s.has_provider()) return "provider " + s.provider();
  return "municipality " + s.municipality();
}

Identities::Identities(const std::vector<OwnedEvent>& changes) {
  // An identity is changed to at most eight others: those that came first.
  std::vector<const OwnedEvent*> all;
  std::map<std::string, std::set<std::string>> others;
  for (const OwnedEvent& owned : changes) {
    const v1::Event& e = owned.event;
    const std::string from = SubjectName(e.subject());
    const std::string& to = e.identity_changed().new_pseudonym();
    if (e.status() != v1::EVENT_STATUS_ANNUL && from != to && !others[from].contains(to)) {
      if (others[from].size() == 8) continue;
      others[from].insert(to);
    }
    all.push_back(&owned);
  }
  std::map<std::string, const OwnedEvent*> governing;
  for (const OwnedEvent* owned : Effective(all)) {
    const std::string from = SubjectName(owned->event.subject());
    if (from == owned->event.identity_changed().new_pseudonym()) continue;
    const OwnedEvent*& best = governing[from];
    const auto rank = [](const OwnedEvent* x) {
      return std::tuple(x->event.occurred_on(), RankOfOwner(*x), x->event.sequence(), x->event.event_id());
    };
    if (best == nullptr || rank(best) < rank(owned)) best = owned;
  }
  std::map<std::string, std::string> to;
  for (const auto& [from, owned] : governing) to[from] = owned->event.identity_changed().new_pseudonym();
  std::map<std::string, std::string> one_way = to;
  for (const auto& [from, target] : to) {
    if (to.contains(target) && to[target] == from && from < target) one_way.erase(from);
  }
  for (const auto& [from, target] : one_way) {
    // Facts follow at most eight changes in a row.
    std::string at = target;
    for (int followed = 1; one_way.contains(at) && followed < 8; ++followed) at = one_way[at];
    last_[from] = one_way.contains(at) ? "" : at;
  }
}

std::string Identities::Final(const std::string& name) const {
  const auto it = last_.find(name);
  return it == last_.end() ? name : it->second;
}

void QualifyIds(OwnedEvent* event) {
  v1::Event* e = &event->event;
  const auto own = [&](std::string* id) { *id = event->owner + "/" + *id; };
  if (e->has_service_started()) own(e->mutable_service_started()->mutable_service_id());
  if (e->has_service_ended()) own(e->mutable_service_ended()->mutable_service_id());
  if (e->has_provider_changed()) own(e->mutable_provider_changed()->mutable_service_id());
  if (e->has_service_paused()) own(e->mutable_service_paused()->mutable_service_id());
  if (e->has_service_resumed()) own(e->mutable_service_resumed()->mutable_service_id());
  if (e->has_service_paused()) own(e->mutable_service_paused()->mutable_pause_id());
  if (e->has_service_resumed()) own(e->mutable_service_resumed()->mutable_pause_id());
  if (e->has_place_applied()) own(e->mutable_place_applied()->mutable_application_id());
  if (e->has_place_granted()) own(e->mutable_place_granted()->mutable_application_id());
  if (e->has_place_declined()) own(e->mutable_place_declined()->mutable_application_id());
}

void AddSubjects(const EventsBySubject& events_by_subject, const Catalogue& catalogue, Date horizon,
                 ExpectedCells* cells) {
  std::vector<EvaluationContext> questions;
  int longest = 0;  // after its last day a subject counts where it is followed up
  for (const v1::Definition& d : catalogue.definitions) {
    EvaluationContext q{&d, &catalogue, {}, {}, 1, 0};
    for (const auto& c : d.components()) q.unit = c.has_reported() ? 100 : q.unit;
    for (const auto& c : d.components()) longest = std::max(longest, static_cast<int>(c.follow_up().days()));
    q.number = static_cast<uint32_t>(Fnv1a(fmt::format("{}@{}", d.id(), d.version())) >> 32) | 1u;
    questions.push_back(q);
  }
  const Date newest = Period::Containing(PeriodKind::kMonth, horizon).last();
  for (const auto& [name, events] : events_by_subject) {
    const Subject subject(Effective(events));
    AddReported(subject, horizon.year(), cells);
    const Date last = std::min(newest, std::min(newest, subject.last_day()) + longest);
    if (subject.first_day() > last) continue;
    for (EvaluationContext& q : questions) {
      for (const int unit : q.d->periods()) {
        for (q.period = Period::Containing(KindOf(unit), subject.first_day()); q.period.first() <= last;
             q.period = q.period.next()) {
          q.day = std::min(q.period.last(), newest);
          AddExpectedCells(subject, q, cells);
        }
      }
    }
  }
}

}  // namespace kpr::naive
