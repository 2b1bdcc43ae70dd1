#include "indicators/reference/naive.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/date.h"
#include "base/ids.h"
#include "base/limits.h"
#include "indicators/cells/cell.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

using Cells = std::map<std::string, std::map<uint32_t, int64_t>>;

Date On(const v1::Event& e) {
  return *Date::Parse(e.occurred_on());
}

std::string SubjectName(const v1::Subject& s) {
  if (s.has_pseudonym()) return s.pseudonym();
  if (s.has_provider()) return "provider " + s.provider();
  return "municipality " + s.municipality();
}

const std::string& OriginalOf(const v1::Event& e) {
  return e.status() == v1::ORIGINAL ? e.event_id() : e.refers_to();
}

// ---- The fold: first copy of each id, then the highest sequence about each original that exists.

std::vector<const v1::Event*> FirstCopies(const std::vector<const v1::Event*>& events) {
  std::set<std::string> seen;
  std::vector<const v1::Event*> result;
  for (const v1::Event* e : events) {
    if (seen.insert(e->event_id()).second) result.push_back(e);
  }
  return result;
}

std::vector<const v1::Event*> Effective(const std::vector<const v1::Event*>& events) {
  std::map<std::string, std::vector<const v1::Event*>> about;
  std::set<std::string> originals;
  for (const v1::Event* e : FirstCopies(events)) {
    about[OriginalOf(*e)].push_back(e);
    if (e->status() == v1::ORIGINAL) originals.insert(e->event_id());
  }
  std::vector<const v1::Event*> result;
  for (const auto& [original, versions] : about) {
    if (!originals.contains(original)) continue;
    const v1::Event* winner = *std::max_element(versions.begin(), versions.end(), [](auto* a, auto* b) {
      return std::pair(a->sequence(), a->event_id()) < std::pair(b->sequence(), b->event_id());
    });
    if (winner->status() != v1::ANNUL) result.push_back(winner);
  }
  return result;
}

// ---- Identity: who each subject finally is.

std::map<std::string, std::string> FinalIdentity(const std::vector<const v1::Event*>& events) {
  std::vector<const v1::Event*> changes;
  for (const v1::Event* e : events) {
    if (e->has_identity_changed()) changes.push_back(e);
  }
  std::map<std::string, const v1::Event*> governing;
  for (const v1::Event* e : Effective(changes)) {
    const std::string from = SubjectName(e->subject());
    if (from == e->identity_changed().new_pseudonym()) continue;
    const v1::Event*& best = governing[from];
    const auto rank = [](const v1::Event* x) {
      return std::tuple(x->occurred_on(), x->sequence(), x->event_id());
    };
    if (best == nullptr || rank(best) < rank(e)) best = e;
  }
  std::map<std::string, std::string> to;
  for (const auto& [from, e] : governing) to[from] = e->identity_changed().new_pseudonym();
  std::map<std::string, std::string> one_way = to;
  for (const auto& [from, target] : to) {
    if (to.contains(target) && to[target] == from && from < target) one_way.erase(from);
  }
  std::map<std::string, std::string> last;
  for (const auto& [from, target] : one_way) {
    std::string at = target;
    for (size_t steps = 0; one_way.contains(at) && steps <= one_way.size(); ++steps) at = one_way[at];
    last[from] = one_way.contains(at) ? "" : at;  // a ring of three or more is nobody
  }
  return last;
}

// ---- One subject.

struct Stay {
  const v1::ServiceStarted* start = nullptr;
  Date first, last = kNoEnd;
  std::string municipality, event;
  std::vector<std::pair<Date, std::string>> providers;
  std::vector<std::tuple<Date, Date, std::string>> pauses;
};

class Subject {
 public:
  explicit Subject(std::vector<const v1::Event*> events) : events_(std::move(events)) {
    std::sort(events_.begin(), events_.end(), [](const v1::Event* a, const v1::Event* b) {
      const auto key = [](const v1::Event* e) {
        static const std::map<int, int> kOrder = {{v1::Event::kServiceStarted, 0},
                                                  {v1::Event::kProviderChanged, 1},
                                                  {v1::Event::kServiceResumed, 2},
                                                  {v1::Event::kServicePaused, 3},
                                                  {v1::Event::kServiceEnded, 4}};
        const auto rank = kOrder.find(e->fact_case());
        return std::tuple(e->occurred_on(), rank == kOrder.end() ? 5 : rank->second,
                          static_cast<int>(e->fact_case()), OriginalOf(*e));
      };
      return key(a) < key(b);
    });
    for (const v1::Event* e : events_) Take(*e);
    std::map<int, std::set<std::string>> reporters;
    for (const v1::Event* e : events_) {
      if (!e->has_identity_changed()) reporters[On(*e).year()].insert(e->municipality());
    }
    for (const auto& [year, municipalities] : reporters) {
      if (municipalities.size() >= 5) test_years_.insert(year);
    }
  }

  void AddTo(const v1::Definition& d, Period period, Date horizon, Cells* cells) const {
    if (person_ && test_years_.contains(period.first().year())) return;
    const Date day = std::min(period.last(), horizon);
    bool hundredths = false;
    for (const auto& c : d.components()) hundredths = hundredths || c.has_capacity();
    for (const auto& c : d.components()) {
      Component{*this, d, c, period, day, hundredths ? 100 : 1, cells}.Add();
    }
  }

  std::vector<std::pair<std::string, int>> ReportedYears() const {
    std::vector<std::pair<std::string, int>> result;
    for (const v1::Event* e : events_) {
      if (!e->has_person_details() && !e->has_identity_changed()) {
        result.emplace_back(e->municipality(), On(*e).year());
      }
    }
    return result;
  }

  Date first_day() const { return events_.empty() ? kNoEnd : On(*events_.front()); }

 private:
  void Take(const v1::Event& e) {
    const Date on = On(e);
    if (e.subject().has_pseudonym() && !e.has_survey_invitation() && !e.has_survey_response()) person_ = true;
    if (e.has_survey_invitation() || e.has_survey_response()) respondent_ = true;
    if (e.subject().has_provider()) provider_ = true;
    if (e.has_person_details()) {
      birth_ = Date::Parse(e.person_details().birth_date());
      death_ = Date::Parse(e.person_details().death_date()).value_or(kNoEnd);
      sex_ = e.person_details().sex();
    }
    const auto running = [&](const std::string& id) -> Stay* {
      for (size_t i = stays_.size(); i-- > 0;) {
        if (stays_[i].start->service_id() == id) {
          return stays_[i].last == kNoEnd ? &stays_[i] : nullptr;
        }
      }
      return nullptr;
    };
    if (e.has_service_started() && running(e.service_started().service_id()) == nullptr) {
      stays_.push_back({&e.service_started(), on, kNoEnd, e.municipality(), e.event_id(), {}, {}});
      stays_.back().providers.emplace_back(on, e.service_started().provider());
    }
    if (e.has_service_ended()) {
      if (Stay* stay = running(e.service_ended().service_id())) stay->last = on;
    }
    if (e.has_provider_changed()) {
      if (Stay* stay = running(e.provider_changed().service_id())) {
        stay->providers.emplace_back(on, e.provider_changed().provider());
      }
    }
    if (e.has_service_paused()) {
      if (Stay* stay = running(e.service_paused().service_id())) {
        stay->pauses.emplace_back(on, kNoEnd, e.service_paused().pause_id());
      }
    }
    if (e.has_service_resumed()) {
      if (Stay* stay = running(e.service_resumed().service_id())) {
        for (auto& [from, until, id] : stay->pauses) {
          if (id == e.service_resumed().pause_id() && until == kNoEnd) {
            until = on;
            break;
          }
        }
      }
    }
  }

  bool GivenOn(const Stay& stay, Date day, bool pauses_interrupt) const {
    if (day < stay.first || day > stay.last || day > death_) return false;
    if (!pauses_interrupt) return true;
    for (const auto& [from, until, id] : stay.pauses) {
      if (from <= day && day < until) return false;
    }
    return true;
  }

  static std::string ProviderOn(const Stay& stay, Date day) {
    std::string provider = stay.providers.front().second;
    for (const auto& [from, name] : stay.providers) {
      if (from <= day) provider = name;
    }
    return provider;
  }

  bool OpenApplication(const v1::Event& e, const std::set<uint32_t>& types, Date day) const {
    if (!e.has_place_applied() || !types.contains(e.place_applied().service_type()) || On(e) > day ||
        day > death_) {
      return false;
    }
    for (const v1::Event* other : events_) {
      if (other->has_place_declined() && On(*other) <= day &&
          other->place_declined().application_id() == e.place_applied().application_id()) {
        return false;
      }
    }
    for (const Stay& stay : stays_) {
      if (types.contains(stay.start->service_type()) && stay.first >= On(e) && stay.first <= day)
        return false;
    }
    return true;
  }

  bool Matches(const v1::Event& e, v1::FactType type) const {
    switch (type) {
      case v1::FULL_MEDICATION_REVIEW:
        return e.has_medication_review() && e.medication_review().kind() == v1::MedicationReview::FULL_REVIEW;
      case v1::MEDICATION_RECONCILIATION:
        return e.has_medication_review() &&
               e.medication_review().kind() == v1::MedicationReview::RECONCILIATION;
      case v1::ASSESSED_BY_DOCTOR:
        return e.has_doctor_assessment();
      case v1::ASSESSED_BY_DENTAL_STAFF:
        return e.has_dental_assessment();
      case v1::NUTRITION_ASSESSED:
        return e.has_nutrition_assessment();
      case v1::FUNCTION_ASSESSED:
        return e.has_function_assessment();
      default:
        return false;
    }
  }

  // What one component of a definition adds for one period.
  struct Component {
    const Subject& s;
    const v1::Definition& d;
    const v1::Component& c;
    Period period;
    Date day;
    int64_t unit;
    Cells* cells;

    Date first() const { return c.look() == v1::WHOLE_PERIOD ? period.first() : day; }
    uint32_t role() const { return c.role() == v1::NUMERATOR ? 1u : 0u; }

    void Put(const std::vector<std::string>& municipalities, const std::string& provider, uint32_t slot,
             int64_t amount) const {
      std::set<uint16_t> codes;
      for (const std::string& m : municipalities) codes.insert(Successor(*Municipality::Parse(m), day).code);
      CellKey key;
      key.indicator = static_cast<uint32_t>(Fnv1a(fmt::format("{}@{}", d.id(), d.version())) >> 32) | 1u;
      key.kind = period.kind;
      key.ordinal = static_cast<int16_t>(period.ordinal);
      for (uint16_t code : codes) {
        if (key.municipality_count < kMaxCellMunicipalities)
          key.municipalities[key.municipality_count++] = code;
      }
      if (const auto number = Provider::Parse(provider)) key.provider = number->number;
      if (s.person_) {
        key.sex = s.sex_ == 1 || s.sex_ == 2 ? static_cast<uint8_t>(s.sex_) : 0;
        if (s.birth_) {
          const int age = AgeOn(*s.birth_, day);
          key.age = age >= 90 ? 6 : age >= 80 ? 5 : age >= 67 ? 4 : age >= 50 ? 3 : age >= 18 ? 2 : 1;
        }
      }
      (*cells)[key.Encode()][slot] += amount;
    }

    bool AnyDay(const std::function<bool(Date)>& holds) const {
      for (Date at = first(); at <= day; at = at + 1) {
        if (holds(at)) return true;
      }
      return false;
    }

    bool Holds(const v1::Predicate& p) const {
      if (p.has_all()) {
        for (const auto& q : p.all().of()) {
          if (!Holds(q)) return false;
        }
        return true;
      }
      if (p.has_any()) {
        for (const auto& q : p.any().of()) {
          if (Holds(q)) return true;
        }
        return false;
      }
      if (p.has_not_()) return !Holds(p.not_());
      if (p.has_age()) {
        if (!s.birth_) return false;
        const int age = AgeOn(*s.birth_, day);
        return age >= static_cast<int>(p.age().from()) &&
               (p.age().to() == 0 || age <= static_cast<int>(p.age().to()));
      }
      if (p.has_fact_within()) {
        for (const v1::Event* e : s.events_) {
          if (!s.Matches(*e, p.fact_within().fact()) || On(*e) > day) continue;
          if (p.fact_within().months() == 0) return true;
          if (On(*e) > day.MinusMonths(static_cast<int>(p.fact_within().months()))) return true;
        }
        return false;
      }
      if (p.has_waiting_for_place()) {
        const std::set<uint32_t> types(p.waiting_for_place().types().begin(),
                                       p.waiting_for_place().types().end());
        return std::any_of(s.events_.begin(), s.events_.end(),
                           [&](const v1::Event* e) { return s.OpenApplication(*e, types, day); });
      }
      const auto& active = p.service_active();
      for (const Stay& stay : s.stays_) {
        for (uint32_t type : active.types()) {
          if (type == stay.start->service_type() &&
              AnyDay([&](Date at) { return s.GivenOn(stay, at, active.pauses() == v1::PAUSES_INTERRUPT); })) {
            return true;
          }
        }
      }
      return false;
    }

    // Types named in positive service_active tests, with whether a pause interrupts them.
    void Serving(const v1::Predicate& p, std::map<uint32_t, bool>* types, std::set<uint32_t>* waiting) const {
      for (const auto& q : p.all().of()) Serving(q, types, waiting);
      for (const auto& q : p.any().of()) Serving(q, types, waiting);
      for (uint32_t type : p.service_active().types()) {
        (*types)[type] = (*types)[type] || p.service_active().pauses() == v1::PAUSES_INTERRUPT;
      }
      for (uint32_t type : p.waiting_for_place().types()) waiting->insert(type);
    }

    void Add() const {
      switch (c.measure_case()) {
        case v1::Component::kStayDays:
          return AddStayDays();
        case v1::Component::kCapacity:
          return AddCapacity();
        case v1::Component::kWaitingTime:
          return AddWaiting();
        case v1::Component::kSurveyIndex:
          return AddSurvey();
        default:
          return AddOne();
      }
    }

    void AddOne() const {
      if (!s.person_ || c.subject() != v1::PERSON || !Holds(c.where())) return;
      std::map<uint32_t, bool> types;
      std::set<uint32_t> waiting;
      Serving(c.where(), &types, &waiting);
      std::vector<std::string> municipalities;
      std::string provider;
      std::pair<Date, std::string> latest{kFirstDate, ""};
      for (const Stay& stay : s.stays_) {
        const auto it = types.find(stay.start->service_type());
        if (it == types.end() || !AnyDay([&](Date at) { return s.GivenOn(stay, at, it->second); })) continue;
        if (c.attribution() == v1::EVERY) {
          municipalities.push_back(stay.municipality);
        } else if (std::pair(stay.first, stay.event) > latest) {
          latest = {stay.first, stay.event};
          municipalities = {stay.municipality};
          provider = ProviderOn(stay, std::min({day, stay.last, s.death_}));
        }
      }
      if (municipalities.empty() && c.attribution() != v1::EVERY) {
        for (const v1::Event* e : s.events_) {
          if (s.OpenApplication(*e, waiting, day)) municipalities = {e->municipality()};
        }
      }
      if (municipalities.empty()) return;
      Put(municipalities, provider, role(), unit);
      for (int i = 0; i < c.classes_size(); ++i) {
        if (c.classes(i).has_where() && !Holds(c.classes(i).where())) continue;
        Put(municipalities, provider, slot::kClassBase + static_cast<uint32_t>(i), 1);
        if (!c.classes_overlap()) break;
      }
    }

    void AddStayDays() const {
      if (!s.person_) return;
      const std::set<uint32_t> types(c.stay_days().types().begin(), c.stay_days().types().end());
      for (Date at = period.first(); at <= day; at = at + 1) {
        const Stay* in = nullptr;
        for (const Stay& stay : s.stays_) {
          const bool night = stay.first <= at && at < stay.last && at < s.death_;
          if (!types.contains(stay.start->service_type()) || !night) continue;
          if (in == nullptr || std::pair(stay.first, stay.event) > std::pair(in->first, in->event))
            in = &stay;
        }
        if (in != nullptr) Put({in->municipality}, ProviderOn(*in, at), role(), unit);
      }
    }

    void AddCapacity() const {
      if (!s.provider_) return;
      for (Date at = first(); at <= day; at = at + 1) {
        const v1::Event* report = nullptr;
        for (const v1::Event* e : s.events_) {
          if (e->has_capacity() && On(*e) <= at) report = e;
        }
        if (report == nullptr) continue;
        const v1::Capacity& r = report->capacity();
        const auto& wanted = c.capacity().industries();
        if (!wanted.empty() && std::count(wanted.begin(), wanted.end(), r.industry_code()) == 0) continue;
        double value = 0;
        for (const auto& term : c.capacity().terms()) {
          double v = 0;
          switch (term.field()) {
            case v1::PLACES:
              v = r.places();
              break;
            case v1::PLACES_BOUGHT:
              v = r.places_bought();
              break;
            case v1::PLACES_SOLD:
              v = r.places_sold();
              break;
            case v1::ROOMS:
              v = r.rooms();
              break;
            case v1::SINGLE_ROOMS_WITH_BATH:
              v = r.single_rooms_with_bath();
              break;
            case v1::DOUBLE_ROOMS:
              v = r.double_rooms();
              break;
            default:
              break;
          }
          value += term.subtract() ? -v : v;
        }
        Put({report->municipality()}, report->subject().provider(), role(), std::llround(value * 100));
      }
    }

    bool DeclinedBy(const std::string& application, Date at) const {
      return std::any_of(s.events_.begin(), s.events_.end(), [&](const v1::Event* e) {
        return e->has_place_declined() && e->place_declined().application_id() == application && On(*e) <= at;
      });
    }

    void AddWaiting() const {
      if (!s.person_) return;
      const std::set<uint32_t> types(c.waiting_time().types().begin(), c.waiting_time().types().end());
      std::vector<const Stay*> stays;
      for (const Stay& stay : s.stays_) {
        if (types.contains(stay.start->service_type()) && stay.first <= s.death_) stays.push_back(&stay);
      }
      for (size_t i = 0; i < stays.size(); ++i) {
        const Stay& stay = *stays[i];
        if (Period::Containing(period.kind, stay.first) != period || stay.first > day) continue;
        std::optional<Date> granted;
        for (const v1::Event* e : s.events_) {
          if (!e->has_place_granted() || !types.contains(e->place_granted().service_type())) continue;
          if (On(*e) > stay.first || (i > 0 && On(*e) <= stays[i - 1]->first)) continue;
          if (DeclinedBy(e->place_granted().application_id(), stay.first)) continue;
          granted = std::max(granted.value_or(On(*e)), On(*e));
        }
        if (!granted) continue;
        const int waited = stay.first - *granted;
        const std::string& provider = stay.start->provider();
        Put({stay.municipality}, provider, role(), unit);
        if (d.kind() == v1::MEDIAN_DAYS) {
          Put({stay.municipality}, provider,
              slot::kHistogramBase + static_cast<uint32_t>(std::min(waited, limits::kHistogramDays)), 1);
        }
        for (int k = 0; k < c.classes_size(); ++k) {
          if (c.classes(k).up_to_days() != 0 && waited > c.classes(k).up_to_days()) continue;
          Put({stay.municipality}, provider, slot::kClassBase + static_cast<uint32_t>(k), 1);
          break;
        }
      }
    }

    void AddSurvey() const {
      if (!s.respondent_) return;
      const auto& q = c.survey_index();
      const v1::Event *invitation = nullptr, *response = nullptr;
      for (const v1::Event* e : s.events_) {
        const bool invites =
            e->has_survey_invitation() && e->survey_invitation().instrument() == q.instrument() &&
            static_cast<int>(e->survey_invitation().respondent()) == static_cast<int>(q.respondent());
        const bool responds =
            e->has_survey_response() && e->survey_response().instrument() == q.instrument() &&
            static_cast<int>(e->survey_response().respondent()) == static_cast<int>(q.respondent());
        if (invites && invitation == nullptr) invitation = e;
        if (responds && response == nullptr) response = e;
      }
      if (invitation == nullptr || Period::Containing(period.kind, On(*invitation)) != period) return;
      if (On(*invitation) > day) return;
      const auto put = [&](uint32_t slot, int64_t amount) {
        Put({invitation->municipality()}, invitation->survey_invitation().provider(), slot, amount);
      };
      put(slot::kInvited, 1);
      if (response == nullptr) return;
      put(slot::kResponded, 1);
      // Exact: sum of points over (range * answered), as a fraction.
      int64_t points = 0, answered = 0;
      const int64_t range = q.scale_max() - q.scale_min();
      for (int i = 0; i < std::min(response->survey_response().answers_size(), static_cast<int>(q.items()));
           ++i) {
        int64_t answer = response->survey_response().answers(i);
        if (answer < q.scale_min() || answer > q.scale_max()) continue;
        const bool reversed = std::count(q.reversed_items().begin(), q.reversed_items().end(), i + 1) > 0;
        if (reversed) answer = q.scale_max() + q.scale_min() - answer;
        points += answer - q.scale_min();
        ++answered;
      }
      if (answered == 0 || answered * 2 < q.items()) return;
      const auto index = static_cast<int64_t>(std::floor(
          static_cast<long double>(points) * 100000.0L / static_cast<long double>(range * answered) + 0.5L));
      put(slot::kDenominator, 1);
      put(slot::kSum, index);
      put(slot::kSumSquares, index * index);
    }
  };

  std::vector<const v1::Event*> events_;
  std::vector<Stay> stays_;
  std::optional<Date> birth_;
  Date death_ = kNoEnd;
  int sex_ = 0;
  bool person_ = false, respondent_ = false, provider_ = false;
  std::set<int> test_years_;
};

PeriodKind KindOf(int unit) {
  return unit == v1::MONTH     ? PeriodKind::kMonth
         : unit == v1::TERTIAL ? PeriodKind::kTertial
                               : PeriodKind::kYear;
}

}  // namespace

void NaiveRegister::Add(const v1::Event& event, const std::string& sender) {
  events_.push_back(event);
  // Local ids are the sender's own.
  v1::Event& e = events_.back();
  const auto own = [&](std::string* id) { *id = sender + "/" + *id; };
  if (e.has_service_started()) own(e.mutable_service_started()->mutable_service_id());
  if (e.has_service_ended()) own(e.mutable_service_ended()->mutable_service_id());
  if (e.has_provider_changed()) own(e.mutable_provider_changed()->mutable_service_id());
  if (e.has_service_paused()) own(e.mutable_service_paused()->mutable_service_id());
  if (e.has_service_resumed()) own(e.mutable_service_resumed()->mutable_service_id());
  if (e.has_service_paused()) own(e.mutable_service_paused()->mutable_pause_id());
  if (e.has_service_resumed()) own(e.mutable_service_resumed()->mutable_pause_id());
  if (e.has_place_applied()) own(e.mutable_place_applied()->mutable_application_id());
  if (e.has_place_granted()) own(e.mutable_place_granted()->mutable_application_id());
  if (e.has_place_declined()) own(e.mutable_place_declined()->mutable_application_id());
}

void NaiveRegister::Tick(int32_t horizon_days) {
  horizon_days_ = std::max(horizon_days_, horizon_days);
}

std::map<std::string, std::string> NaiveRegister::Cells(const Catalogue& catalogue) const {
  std::vector<const v1::Event*> all;
  for (const v1::Event& e : events_) all.push_back(&e);
  const std::map<std::string, std::string> last = FinalIdentity(all);
  std::unordered_map<std::string, std::vector<const v1::Event*>> pools;
  for (const v1::Event* e : all) {
    const std::string name = SubjectName(e->subject());
    const auto it = last.find(name);
    if (it != last.end() && it->second.empty()) continue;
    pools[it == last.end() ? name : it->second].push_back(e);
  }
  kpr::Cells cells;
  const Date horizon{horizon_days_};
  for (const auto& [name, events] : pools) {
    const Subject subject(Effective(events));
    for (const auto& [municipality, year] : subject.ReportedYears()) {
      CellKey key;
      key.ordinal = static_cast<int16_t>(year);
      key.municipality_count = 1;
      key.municipalities[0] = Municipality::Parse(municipality)->code;
      cells[key.Encode()][slot::kDenominator] += 1;
    }
    if (subject.first_day() > horizon) continue;
    for (const v1::Definition& d : catalogue.definitions) {
      for (const int unit : d.periods()) {
        for (Period p = Period::Containing(KindOf(unit), subject.first_day()); p.first() <= horizon;
             p = p.next()) {
          subject.AddTo(d, p, horizon, &cells);
        }
      }
    }
  }
  std::map<std::string, std::string> result;
  for (const auto& [key, slots] : cells) {
    std::string text;
    for (const auto& [slot, amount] : slots) {
      if (amount != 0) text += fmt::format("{}{}={}", text.empty() ? "" : " ", slot, amount);
    }
    if (!text.empty()) result[key] = text;
  }
  return result;
}

}  // namespace kpr
