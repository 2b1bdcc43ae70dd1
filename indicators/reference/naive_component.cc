#include "indicators/reference/naive_component.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/limits.h"
#include "indicators/reference/naive_follow_up.h"
#include "indicators/reference/naive_predicate.h"
#include "indicators/reference/naive_report.h"
#include "indicators/reference/naive_survey.h"

namespace kpr::naive {
namespace {

class ComponentEvaluator {
 public:
  ComponentEvaluator(const Subject& s, const EvaluationContext& q, const v1::Component& c,
                     ExpectedCells* cells)
      : s_(s),
        q_(q),
        c_(c),
        cells_(cells),
        writer_(s, q.number, q.period, cells),
        first_(c.reference_period() == v1::REFERENCE_PERIOD_WHOLE_PERIOD ? q.period.first() : q.day) {}

  void Add() {
    AddAmounts();
    if (AmountsHideSubjects()) writer_.PutSubjects();
  }

 private:
  // The amounts do not say how many subjects are behind them.
  bool AmountsHideSubjects() const {
    return c_.has_stay_days() || c_.has_stays() || c_.has_reported() || c_.has_waiting_time() ||
           c_.has_score_change() || c_.has_follow_up() || c_.has_referral_wait() ||
           (c_.has_fact_count() && c_.fact_count().fact() != v1::FACT_TYPE_DEATH);
  }

  void AddAmounts() {
    const bool mine = (c_.subject() == v1::SUBJECT_TYPE_PERSON && s_.person) ||
                      (c_.subject() == v1::SUBJECT_TYPE_PROVIDER && s_.provider) ||
                      (c_.subject() == v1::SUBJECT_TYPE_RESPONDENT && s_.respondent) ||
                      (c_.subject() == v1::SUBJECT_TYPE_MUNICIPALITY && s_.municipality);
    if (!mine) return;
    switch (c_.measure_case()) {
      case v1::Component::kStayDays:
        return StayDays();
      case v1::Component::kStays:
        return Stays();
      case v1::Component::kReported:
        return Reported();
      case v1::Component::kInhabitants:
        return Inhabitants();
      case v1::Component::kWaitingTime:
        return WaitingTimes();
      case v1::Component::kReferralWait:
        return ReferralWaits();
      case v1::Component::kFactCount:
        return Facts();
      case v1::Component::kScoreChange:
        return ScoreChanges();
      case v1::Component::kFollowUp:
        return FollowUps();
      case v1::Component::kDaysOutside:
        return DaysOutside();
      case v1::Component::kSurveyIndex:
      case v1::Component::kSurveyItem:
      case v1::Component::kSurveyParticipation:
        return Survey();
      case v1::Component::kGrantedHours:
      case v1::Component::MEASURE_NOT_SET:
        return Person();
    }
  }

  bool InPeriod(Date on) const { return q_.period.first() <= on && on <= q_.day; }
  bool TestPerson(Date on) const { return s_.test_years.contains(on.year()); }
  uint32_t role() const { return c_.role() == v1::ROLE_NUMERATOR ? 1u : 0u; }

  void Put(const Place& place, Date age_on, uint32_t slot, int64_t amount) {
    writer_.Put(place, age_on, slot, amount);
  }

  static void Serving(const v1::Predicate& p, std::map<uint32_t, bool>* types, std::set<uint32_t>* waiting) {
    for (const auto& q : p.all().of()) Serving(q, types, waiting);
    for (const auto& q : p.any().of()) Serving(q, types, waiting);
    for (uint32_t type : p.service_active().types())
      (*types)[type] = (*types)[type] || p.service_active().pauses() == v1::PAUSES_INTERRUPT;
    for (uint32_t type : p.waiting_for_place().types()) waiting->insert(type);
  }

  // Where the person counts when observed over [first, day].
  std::optional<Place> PlaceOf(Date first, Date day) const {
    std::map<uint32_t, bool> types;
    std::set<uint32_t> waiting;
    Serving(c_.where(), &types, &waiting);
    Place place;
    std::pair<Date, decltype(Stay::event)> latest{kFirstDate, {}};
    for (const Stay& stay : s_.stays) {
      const auto it = types.find(stay.start->service_type());
      if (it == types.end() || !s_.GivenAnyDay(stay, first, day, it->second)) continue;
      if (c_.attribution() == v1::ATTRIBUTION_EVERY) {
        place.municipalities.push_back(stay.municipality);
      } else if (std::pair(stay.first, stay.event) > latest) {
        latest = {stay.first, stay.event};
        place = {{stay.municipality}, Subject::ProviderOn(stay, std::min({day, stay.last, s_.death}))};
      }
    }
    if (place.municipalities.empty() && c_.attribution() != v1::ATTRIBUTION_EVERY) {
      for (const EffectiveEvent& t : s_.events) {
        if (s_.OpenApplication(t, waiting, day)) place.municipalities = {t.e->municipality()};
      }
    }
    if (place.municipalities.empty()) return std::nullopt;
    return place;
  }

  void PutClasses(const Place& place, Date first, Date day, const v1::Event* fact = nullptr) {
    for (int i = 0; i < c_.classes_size(); ++i) {
      if (c_.classes(i).has_where() && !Holds(s_, c_.classes(i).where(), first, day)) continue;
      if (c_.classes(i).has_value() && !PassesValueTest(*fact, c_.classes(i).value())) continue;
      Put(place, day, slot::kClassBase + static_cast<uint32_t>(i), 1);
      if (!c_.classes_overlap()) break;
    }
  }

  void Person() {
    if (TestPerson(q_.day) || !Holds(s_, c_.where(), first_, q_.day)) return;
    const auto place = PlaceOf(first_, q_.day);
    if (!place) return;
    if (c_.has_granted_hours()) {
      const int64_t hundredths = HoursIn(s_, SetOf(c_.granted_hours().types()), first_, q_.day);
      if (hundredths != 0) PutMean(*place, q_.day, hundredths * 10);
      return;
    }
    Put(*place, q_.day, role(), q_.unit);
    PutClasses(*place, first_, q_.day);
  }

  void PutMean(const Place& place, Date on, int64_t thousandths) {
    Put(place, on, role(), 1);
    Put(place, on, slot::kSum, thousandths);
    Put(place, on, slot::kSumSquares, thousandths * thousandths);
  }

  void Stays() {
    if (TestPerson(q_.day)) return;
    const auto types = SetOf(c_.stays().types());
    for (const Stay& stay : s_.stays) {
      if (!types.contains(stay.start->service_type()) || !s_.GivenAnyDay(stay, first_, q_.day, false))
        continue;
      if (c_.has_where() && !Holds(s_, c_.where(), first_, q_.day)) continue;
      Put({{stay.municipality}, Subject::ProviderOn(stay, std::min(q_.day, s_.Leaves(stay)))}, q_.day, role(),
          q_.unit);
    }
  }

  void StayDays() {
    const auto types = SetOf(c_.stay_days().types());
    for (Date at = q_.period.first(); at <= q_.day; at = at + 1) {
      const Stay* in = nullptr;
      for (const Stay& stay : s_.stays) {
        const bool night = stay.first <= at && at < s_.Leaves(stay);
        if (!types.contains(stay.start->service_type()) || !night) continue;
        if (in == nullptr || std::pair(stay.first, stay.event) > std::pair(in->first, in->event)) in = &stay;
      }
      if (in != nullptr && !TestPerson(at))
        Put({{in->municipality}, Subject::ProviderOn(*in, at)}, at, role(), q_.unit);
    }
  }

  void Reported() {
    const bool workforce = OfWorkforce(c_.reported().terms(0).field());
    size_t next = 0;
    const v1::Event* report = nullptr;
    Stated stated;
    std::string industry;
    const auto& wanted = c_.reported().industries();
    for (Date at = first_; at <= q_.day; at = at + 1) {
      for (; next < s_.events.size() && s_.events[next].on <= at; ++next) {
        const v1::Event& e = *s_.events[next].e;
        if (workforce ? !e.has_workforce() : !e.has_capacity()) continue;
        report = &e;
        State(e, &stated, &industry);
      }
      if (report == nullptr || CodeGone(s_, *report, at)) continue;
      if (!wanted.empty() && std::count(wanted.begin(), wanted.end(), industry) == 0) continue;
      double value = 0;
      for (const auto& term : c_.reported().terms())
        value += (term.subtract() ? -1 : 1) * stated[term.field()];
      Put({{report->municipality()}, report->subject().provider()}, at, role(), std::llround(value * 100));
    }
  }

  void Inhabitants() const {
    const v1::Event* count = nullptr;
    for (const EffectiveEvent& t : s_.events) {
      if (t.e->has_inhabitants() && t.on <= q_.day) count = t.e;
    }
    if (count == nullptr || CodeGone(s_, *count, q_.day)) return;
    static constexpr uint32_t kStarts[] = {0, 18, 50, 67, 80, 90};
    for (int band = 0; band < 6; ++band) {
      const uint32_t starts = kStarts[band];
      const auto& n = c_.inhabitants();
      if (starts < n.from_age() || (n.to_age() != 0 && starts > n.to_age())) continue;
      for (const int sex : {1, 2}) {
        CellKey key;
        key.indicator = q_.number;
        key.period = static_cast<ReferencePeriod>(q_.period.kind);
        key.year = static_cast<uint16_t>(q_.period.ordinal);
        key.place = CellPlace::At(*Municipality::Parse(count->municipality()), {});
        key.sex = static_cast<uint8_t>(sex);
        key.age = static_cast<uint8_t>(band + 1);
        const auto& counts = sex == 1 ? count->inhabitants().men() : count->inhabitants().women();
        if (band < counts.size()) (*cells_)[key][role()] += int64_t{counts[band]} * q_.unit;
      }
    }
  }

  void PutClassOfDays(const Place& place, Date on, std::optional<int> days) {
    for (int k = 0; k < c_.classes_size(); ++k) {
      const int most = c_.classes(k).up_to_days();
      if (most != 0 && (!days || *days > most)) continue;
      return Put(place, on, slot::kClassBase + static_cast<uint32_t>(k), 1);
    }
  }

  void WaitingTimes() {
    const auto types = SetOf(c_.waiting_time().types());
    std::vector<const Stay*> stays;
    for (const Stay& stay : s_.stays) {
      if (types.contains(stay.start->service_type()) && stay.first <= s_.death) stays.push_back(&stay);
    }
    for (size_t i = 0; i < stays.size(); ++i) {
      const Stay& stay = *stays[i];
      if (!InPeriod(stay.first) || TestPerson(stay.first)) continue;
      std::optional<Date> granted;
      for (const EffectiveEvent& t : s_.events) {
        if (!t.e->has_place_granted() || !types.contains(t.e->place_granted().service_type())) continue;
        if (t.on > stay.first || (i > 0 && t.on <= stays[i - 1]->first)) continue;
        if (s_.DeclinedBy(t.e->place_granted().application_id(), stay.first)) continue;
        granted = std::max(granted.value_or(t.on), t.on);
      }
      if (!granted) continue;
      const int waited = stay.first - *granted;
      PutWait({{stay.municipality}, stay.start->provider()}, stay.first, waited);
    }
  }

  void PutWait(const Place& place, Date on, int waited) {
    Put(place, on, role(), q_.unit);
    if (q_.d->kind() == v1::KIND_MEDIAN_DAYS)
      Put(place, on, slot::kHistogramBase + static_cast<uint32_t>(std::min(waited, limits::kHistogramDays)),
          1);
    PutClassOfDays(place, on, waited);
  }

  void ReferralWaits() {
    std::map<std::string, const EffectiveEvent*> first;  // by day of referral
    for (const EffectiveEvent& t : s_.events) {
      if (!Matches(*t.e, c_.referral_wait().fact())) continue;
      const EffectiveEvent*& contact = first[t.e->contact().referred_on()];
      if (contact == nullptr || t.on < contact->on) contact = &t;
    }
    first.erase("");
    for (const auto& [referred, contact] : first) {
      if (!InPeriod(contact->on) || TestPerson(contact->on)) continue;
      PutWait({{contact->e->municipality()}, ""}, contact->on, contact->on - *Date::Parse(referred));
    }
  }

  void CountFact(Date on, const std::string& municipality, int64_t amount, const v1::Event* fact) {
    if (!InPeriod(on) || TestPerson(on) || !Holds(s_, c_.where(), on, on)) return;
    std::map<uint32_t, bool> types;
    std::set<uint32_t> waiting;
    Serving(c_.where(), &types, &waiting);
    std::optional<Place> place = types.empty() ? Place{{municipality}, ""} : PlaceOf(on, on);
    if (!place || place->municipalities[0].empty()) return;
    Put(*place, on, role(), amount * q_.unit);
    PutClasses(*place, on, on, fact);
  }

  void Facts() {
    if (c_.fact_count().fact() == v1::FACT_TYPE_DEATH) {
      if (s_.death != kNoEnd) CountFact(s_.death, "", 1, nullptr);
      return;
    }
    for (const EffectiveEvent& t : s_.events) {
      const int64_t amount = CountedIn(*t.e, c_.fact_count());
      if (amount != 0) CountFact(t.on, t.e->municipality(), amount, t.e);
    }
  }

  void ScoreChanges() {
    const auto& m = c_.score_change();
    const auto types = SetOf(m.types());
    const auto first_in = [&](Date from, Date to) -> std::optional<std::pair<Date, int>> {
      for (const EffectiveEvent& t : s_.events) {
        if (!t.e->has_function_assessment() || t.on < from || t.on > to) continue;
        if (const auto mean = MeanScoreHundredths(t.e->function_assessment())) return std::pair(t.on, *mean);
      }
      return std::nullopt;
    };
    for (const Stay& stay : s_.stays) {
      if (!types.contains(stay.start->service_type())) continue;
      const int near = static_cast<int>(m.near_days());
      const auto before = first_in(stay.first - near, stay.first + near);
      const auto after =
          first_in(stay.first + static_cast<int>(m.from_days()), stay.first + static_cast<int>(m.to_days()));
      if (!before || !after || !InPeriod(after->first) || TestPerson(after->first)) continue;
      if (after->first > s_.Leaves(stay)) continue;
      PutMean({{stay.municipality}, Subject::ProviderOn(stay, after->first)}, after->first,
              int64_t{after->second - before->second} * 10);
    }
  }

  void FollowUps() {
    for (const auto& [from, up, place, days] : FollowUpsOf(s_, c_.follow_up())) {
      if (!InPeriod(up) || TestPerson(up)) continue;
      Put(place, up, role(), q_.unit);
      PutClassOfDays(place, up, days);
    }
  }

  void DaysOutside() {
    const Date died = s_.death;
    if (died == kNoEnd || !InPeriod(died) || TestPerson(died) || !Holds(s_, c_.where(), died, died)) return;
    const auto place = PlaceOf(died, died);
    if (!place) return;
    const auto types = SetOf(c_.days_outside().types());
    std::set<Date> inside;
    for (const Stay& stay : s_.stays) {
      if (!types.contains(stay.start->service_type())) continue;
      for (Date on = std::max(stay.first, died - 1000); on <= s_.Leaves(stay); on = on + 1) inside.insert(on);
    }
    int64_t outside = 0;
    for (uint32_t before = 0; before < c_.days_outside().last_days(); ++before)
      outside += inside.contains(died - static_cast<int>(before)) ? 0 : 1;
    PutMean(*place, died, outside * 1000);
  }

  void Survey() {
    const auto asked = [&](const auto& survey) {
      return AskedIn(s_, survey.instrument(), survey.respondent());
    };
    for (const auto& [invitation, response] : c_.has_survey_index()  ? asked(c_.survey_index())
                                              : c_.has_survey_item() ? asked(c_.survey_item())
                                                                     : asked(c_.survey_participation())) {
      if (InPeriod(invitation->on)) OneAsked(*invitation, response);
    }
  }

  void OneAsked(const EffectiveEvent& invitation, const EffectiveEvent* response) {
    const Place place{{invitation.e->municipality()}, invitation.e->survey_invitation().provider()};
    Put(place, invitation.on, slot::kInvited, 1);
    if (c_.has_survey_participation()) {
      Put(place, invitation.on, role(), 1);
      Put(place, invitation.on, slot::kClassBase + (response == nullptr ? 1u : 0u), 1);
    }
    if (response == nullptr) return;
    Put(place, invitation.on, slot::kResponded, 1);
    if (c_.has_survey_participation()) return;
    if (!c_.has_survey_index()) {
      Put(place, invitation.on, role(), 1);
      const double given =
          AnswerTo(response->e->survey_response(), static_cast<int>(c_.survey_item().item()) - 1);
      for (int k = 0; k < c_.classes_size(); ++k) {
        const v1::Class& in = c_.classes(k);
        if (in.to() != 0 && (given < in.from() - 1e-9 || given > in.to() + 1e-9)) continue;
        Put(place, invitation.on, slot::kClassBase + static_cast<uint32_t>(k), 1);
        break;
      }
      return;
    }
    const v1::Instrument& instrument = *q_.catalogue->FindInstrument(c_.survey_index().instrument());
    if (const auto index =
            IndexThousandths(response->e->survey_response(), instrument, c_.survey_index().dimension()))
      PutMean(place, invitation.on, *index);
  }

  const Subject& s_;
  const EvaluationContext& q_;
  const v1::Component& c_;
  ExpectedCells* cells_;
  CellWriter writer_;
  Date first_;
};

}  // namespace

void AddExpectedCells(const Subject& subject, const EvaluationContext& question, ExpectedCells* cells) {
  for (const v1::Component& c : question.d->components())
    ComponentEvaluator(subject, question, c, cells).Add();
}

}  // namespace kpr::naive
