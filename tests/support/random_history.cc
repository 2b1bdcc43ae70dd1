#include "tests/support/random_history.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/ids.h"

namespace kpr::test {
namespace {

constexpr const char* kProviders[] = {"974760673", "938801363"};

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  RandomHistory Make() {
    RandomHistory history;
    const bool identity_changes = Below(3) == 0;
    scattered_ = Below(3) == 0;  // so that there are test persons, reported from everywhere
    const int n = 3 + Below(60);
    for (int i = 0; i < n; ++i) {
      if (!history.events.empty() && Below(5) == 0) {
        history.events.push_back(
            Correction(history.events[static_cast<size_t>(Below(static_cast<int>(history.events.size())))]));
      } else {
        history.events.push_back(Original(identity_changes));
      }
    }
    Date horizon = Date::FromYmd(2020, 1 + Below(6), 28);
    for (int i = 0; i <= Below(3); ++i) {
      history.horizons.push_back(horizon);
      horizon = horizon + 20 + Below(300);
    }
    return history;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  std::string NewId() {
    Uuid id;
    for (auto& byte : id.bytes) byte = static_cast<uint8_t>(random_());
    return id.ToString();
  }

  static std::string Pseudonym(SubjectKind kind, int number) {
    SubjectId id;
    id.bytes.fill(static_cast<uint8_t>(17 * number + 3));
    id.bytes[0] = static_cast<uint8_t>(kind);
    return std::string(id.view());
  }

  Date RandomDate() {
    // Often the same few days, among them the turns of month, year and leap day.
    static const Date kEdges[] = {Date::FromYmd(2019, 12, 31), Date::FromYmd(2020, 1, 1),
                                  Date::FromYmd(2020, 2, 29),  Date::FromYmd(2020, 4, 30),
                                  Date::FromYmd(2020, 5, 1),   Date::FromYmd(2020, 12, 31)};
    return Below(3) == 0 ? kEdges[Below(6)] : Date::FromYmd(2019, 7, 1) + Below(700);
  }

  // Most cross a band or the limit of an indicator in the observed time; some are born on a leap day.
  std::string RandomBirth() {
    static const int kYears[] = {1930, 1940, 1952, 1953, 1970, 2002};
    if (Below(6) == 0) return Below(2) == 0 ? "1940-02-29" : "1952-02-29";
    return (Date::FromYmd(kYears[Below(6)], 1, 1) + Below(600)).ToString();
  }

  // Halden changes its code at the turn of 2020; Tysfjord is split then.
  std::string RandomMunicipality(Date on) {
    const bool old = on < Date::FromYmd(2020, 1, 1);
    switch (Below(8)) {
      case 0:
        return old ? "0101" : "3001";
      case 1:
        return old ? "1850" : "1875";
      case 2:
        return old ? "1601" : "5001";
      case 3:
        return "1103";
      case 4:
        return "4601";
      case 5:
        return "5501";
      default:
        return "0301";
    }
  }

  // As Harness::Append reads it.
  std::string RandomSender() { return Below(4) == 0 ? "north" : "south"; }

  // Ids are a sender's own: now and then it gives one that another has given before.
  std::string OriginalId(const std::string& sender) {
    std::set<std::string>& own = ids_[sender];
    for (const std::string& id : ids_[sender == "north" ? "south" : "north"])
      if (Below(12) == 0 && own.insert(id).second) return id;
    return *own.insert(NewId()).first;
  }

  v1::Event Envelope(Date on) {
    v1::Event e;
    e.mutable_source()->set_district(RandomSender());
    e.set_event_id(OriginalId(e.source().district()));
    e.set_sequence(++sequence_);
    e.set_occurred_on(on.ToString());
    e.set_municipality(Below(scattered_ ? 2 : 6) == 0 ? RandomMunicipality(on) : "0301");
    return e;
  }

  v1::Event Original(bool identity_changes) {
    v1::Event e = Envelope(RandomDate());
    e.set_status(v1::EVENT_STATUS_ORIGINAL);
    const int which = Below(22);
    if (which >= 20) {
      FillMunicipality(&e);
    } else if (which == 0) {
      e.mutable_subject()->set_provider(kProviders[Below(2)]);
      if (Below(3) == 0) {
        FillWorkforce(e.mutable_workforce());
      } else {
        FillCapacity(e.mutable_capacity());
      }
    } else if (which == 1) {
      e.mutable_subject()->set_pseudonym(Pseudonym(SubjectKind::kRespondent, Below(3)));
      FillSurvey(&e);
    } else {
      e.mutable_subject()->set_pseudonym(Pseudonym(SubjectKind::kPerson, Below(5)));
      FillPerson(&e, identity_changes);
    }
    return e;
  }

  v1::Event Correction(const v1::Event& about) {
    v1::Event e = about;
    e.set_event_id(NewId());
    e.set_sequence(++sequence_);
    e.set_refers_to(about.status() == v1::EVENT_STATUS_ORIGINAL ? about.event_id() : about.refers_to());
    e.set_status(Below(3) == 0 ? v1::EVENT_STATUS_ANNUL : v1::EVENT_STATUS_REPLACE);
    if (Below(10) == 0) e.set_refers_to(NewId());  // waits for ever
    if (Below(6) == 0) e.mutable_source()->set_district(RandomSender());
    if (Below(2) == 0) e.set_occurred_on(RandomDate().ToString());
    if (e.has_capacity()) FillCapacity(e.mutable_capacity());
    if (e.has_contact()) FillContact(&e);
    if (e.has_hospital_discharge()) FillDischarge(&e);
    if (e.has_identity_changed()) {
      e.mutable_identity_changed()->set_new_pseudonym(Pseudonym(SubjectKind::kPerson, Below(5)));
    }
    return e;
  }

  // Each amount in three of four reports.
  void FillCapacity(v1::Capacity* c) {
    c->Clear();
    if (Below(4) != 0) c->set_places(Below(200) / 4.0);
    if (Below(4) != 0) c->set_places_bought(Below(5) / 2.0);
    if (Below(4) != 0) c->set_places_sold(Below(4));
    if (Below(4) != 0) c->set_rooms(Below(60));
    if (Below(4) != 0) c->set_single_rooms_with_bath(Below(40));
    if (Below(3) != 0) c->set_long_stay_places(Below(160) / 4.0);
    if (Below(3) != 0) c->set_time_limited_places(Below(80) / 4.0);
    if (Below(3) != 0) c->set_staffed_housing_places(Below(30));
    if (Below(3) != 0) c->set_day_activity_places(Below(30) / 2.0);
    if (Below(3) != 0) c->set_emergency_somatic_places(Below(5));
    if (Below(3) != 0) c->set_emergency_psychiatric_places(Below(3));
    if (Below(3) != 0) c->set_palliative_places(Below(6));
    if (Below(3) != 0) c->set_dementia_places(Below(20));
    static const char* kIndustries[] = {"87.101", "87.102", "86.107", ""};
    c->set_industry_code(kIndustries[Below(4)]);
  }

  void FillWorkforce(v1::Workforce* w) {
    w->Clear();
    if (Below(4) != 0) w->set_full_time_equivalents(10 + Below(400) / 4.0);
    if (Below(4) != 0) w->set_with_health_education(Below(40) / 4.0);
    if (Below(4) != 0) w->set_doctor_hours_per_week(Below(80) / 2.0);
    if (Below(3) != 0) w->set_with_higher_education(Below(30) / 4.0);
    if (Below(3) != 0) w->set_nurses(Below(30) / 4.0);
    if (Below(3) != 0) w->set_specialist_nurses(Below(10) / 4.0);
    if (Below(3) != 0) w->set_psychologists(Below(4) / 4.0);
    if (Below(3) != 0) w->set_men(Below(20) / 4.0);
    if (Below(3) != 0) w->set_leaders(Below(4));
    if (Below(3) != 0) w->set_employees(Below(90));
    if (Below(3) != 0) w->set_part_time_employees(Below(60));
    if (Below(3) != 0) w->set_agreed_days(Below(9000));
    if (Below(3) != 0) w->set_sick_leave_days(Below(900) / 2.0);
  }

  void FillMunicipality(v1::Event* e) {
    e->mutable_subject()->set_municipality(e->municipality());
    const int which = Below(4);
    if (which == 0) {
      for (int band = 0; band < 6; ++band) {
        e->mutable_inhabitants()->add_men(static_cast<uint32_t>(Below(3000)));
        e->mutable_inhabitants()->add_women(static_cast<uint32_t>(Below(3000)));
      }
    } else if (which == 1) {
      FillWorkforce(e->mutable_workforce());
    } else {
      const int first = 1 + Below(12);
      e->mutable_period_complete()->set_first_month(fmt::format("2020-{:02}", first));
      e->mutable_period_complete()->set_last_month(fmt::format("2020-{:02}", first + Below(13 - first)));
    }
  }

  void FillSurvey(v1::Event* e) {
    const auto respondent = Below(2) == 0 ? v1::RESPONDENT_USER : v1::RESPONDENT_RELATIVE;
    static const char* kInstruments[] = {"relatives-14", "care-experience-10", "daily-life-6", "residents-4"};
    const char* instrument =
        kInstruments[respondent == v1::RESPONDENT_RELATIVE && Below(2) == 0 ? 0 : Below(4)];
    if (Below(2) == 0) {
      e->mutable_survey_invitation()->set_instrument(instrument);
      e->mutable_survey_invitation()->set_respondent(respondent);
      e->mutable_survey_invitation()->set_provider(kProviders[Below(2)]);
    } else {
      e->mutable_survey_response()->set_instrument(instrument);
      e->mutable_survey_response()->set_respondent(respondent);
      for (int i = 0, n = Below(16); i < n; ++i)
        e->mutable_survey_response()->add_answers(static_cast<uint32_t>(Below(7)));
    }
  }

  template <typename Service>
  void FillService(Service* service) {
    static const uint32_t kTypes[] = {21, 21, 18, 15, 20, 29, 1, 19, 8, 25, 4, 3, 6, 26, 11, 7};
    const int which = Below(Below(2) == 0 ? 7 : 16);
    service->set_service_id("s" + std::to_string(Below(4)));
    service->set_service_type(kTypes[which]);
    service->set_provider(kProviders[Below(2)]);
  }

  void FillAssessment(v1::Event* e) {
    switch (Below(15)) {
      case 0:
        e->mutable_nutrition_assessment()->set_at_risk(Below(2) == 0);
        return e->mutable_nutrition_assessment()->set_has_plan(e->nutrition_assessment().at_risk() &&
                                                               Below(2) == 0);
      case 1:
      case 2:
        for (int i = 0, n = 1 + Below(6); i < n; ++i)
          e->mutable_function_assessment()->add_scores(Below(6) == 0 ? 9u
                                                                     : 1u + static_cast<uint32_t>(Below(5)));
        return;
      case 3: {
        static const char* kCodes[] = {"P70", "F00.1", "G30", "T90", "F03"};
        e->mutable_diagnosis()->set_system(Below(2) == 0 ? v1::Diagnosis::SYSTEM_ICPC2
                                                         : v1::Diagnosis::SYSTEM_ICD10);
        return e->mutable_diagnosis()->set_code(kCodes[Below(5)]);
      }
      case 4:
        return e->mutable_individual_plan()->set_ended(Below(3) == 0);
      case 5:
        return e->mutable_coordinator()->set_ended(Below(3) == 0);
      case 6:
        e->mutable_room_taken()->set_kind(static_cast<v1::RoomTaken::Kind>(1 + Below(4)));
        return e->mutable_room_taken()->set_service_id("s" + std::to_string(Below(4)));
      case 7:
        return e->mutable_preventive_home_visit()->set_declined(Below(3) == 0);
      case 8:
        return e->mutable_palliative_plan()->set_ended(Below(3) == 0);
      case 9:
        return e->mutable_follow_up_team()->set_ended(Below(3) == 0);
      case 10:
        return e->mutable_digital_home_monitoring()->set_ended(Below(3) == 0);
      case 11:
        return e->mutable_informal_care()->set_hours_per_week(Below(3) == 0 ? 0 : Below(120) / 4.0);
      case 12:
        if (Below(2) == 0) e->mutable_medicines_in_use()->set_medicines(static_cast<uint32_t>(Below(16)));
        if (Below(2) == 0 || !e->medicines_in_use().has_medicines())
          e->mutable_medicines_in_use()->set_multi_dose(Below(2) == 0);
        return;
      case 13:
        return FillDischarge(e);
      default:
        return e->mutable_everyday_rehabilitation()->set_ended(Below(3) == 0);
    }
  }

  // Now and then the same referral again.
  void FillContact(v1::Event* e) {
    e->mutable_contact()->Clear();
    e->mutable_contact()->set_service(static_cast<v1::Contact::Service>(1 + Below(Below(2) == 0 ? 3 : 8)));
    if (Below(3) == 0) return;
    const Date on = *Date::Parse(e->occurred_on()), often = Date::FromYmd(2019, 12, 31);
    const Date referred = Below(2) == 0 && often <= on ? often : on - Below(120);
    e->mutable_contact()->set_referred_on(referred.ToString());
  }

  void FillDischarge(v1::Event* e) {
    e->mutable_hospital_discharge()->Clear();
    if (Below(4) != 0)
      e->mutable_hospital_discharge()->set_ready_on((*Date::Parse(e->occurred_on()) - Below(6)).ToString());
  }

  template <typename Place>
  void FillPlace(Place* place) {
    static const uint32_t kTypes[] = {21, 21, 21, 18, 3, 29};
    place->set_application_id("a" + std::to_string(Below(3)));
    place->set_service_type(kTypes[Below(6)]);
  }

  void FillPerson(v1::Event* e, bool identity_changes) {
    if (Below(4) == 0) return FillAssessment(e);
    if (Below(20) == 0) return FillDischarge(e);
    if (Below(8) == 0) return FillContact(e);
    switch (Below(identity_changes ? 20 : 18)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        FillService(e->mutable_service_started());
        return e->mutable_service_started()->set_hours_per_week(Below(2) == 0 ? 0 : Below(160) / 4.0);
      case 5:
      case 6:
        return FillService(e->mutable_service_ended());
      case 7:
        return FillService(e->mutable_provider_changed());
      case 8:
        FillService(e->mutable_service_paused());
        return e->mutable_service_paused()->set_pause_id("p" + std::to_string(Below(2)));
      case 9:
        FillService(e->mutable_service_resumed());
        return e->mutable_service_resumed()->set_pause_id("p" + std::to_string(Below(2)));
      case 10:
        if (Below(5) != 0) e->mutable_person_details()->set_birth_date(RandomBirth());
        if (Below(3) == 0) {
          e->mutable_person_details()->set_death_date(RandomDate().ToString());
          e->mutable_person_details()->set_death_place(static_cast<v1::DeathPlace>(Below(6)));
        }
        return e->mutable_person_details()->set_sex(static_cast<v1::Sex>(Below(3)));
      case 11:
      case 12:
        return e->mutable_medication_review()->set_kind(Below(2) == 0
                                                            ? v1::MedicationReview::KIND_FULL_REVIEW
                                                            : v1::MedicationReview::KIND_RECONCILIATION);
      case 13:
        if (Below(2) == 0) {
          e->mutable_doctor_assessment();
        } else {
          e->mutable_dental_assessment();
        }
        return;
      case 14:
        return FillPlace(e->mutable_place_applied());
      case 15:
      case 16:
        return FillPlace(e->mutable_place_granted());
      case 17:
        FillPlace(e->mutable_place_declined());
        return e->mutable_place_declined()->set_by(static_cast<v1::PlaceDeclined::By>(Below(3)));
      default:
        return e->mutable_identity_changed()->set_new_pseudonym(Pseudonym(SubjectKind::kPerson, Below(5)));
    }
  }

  std::mt19937_64 random_;
  uint64_t sequence_ = 0;
  std::map<std::string, std::set<std::string>> ids_;  // of originals, by sender
  bool scattered_ = false;
};

}  // namespace

RandomHistory MakeHistory(uint64_t seed) {
  return Maker(seed).Make();
}

void SetDay(Date on, v1::Event* event) {
  const std::string day = on.ToString();
  event->set_occurred_on(day);
  if (event->has_contact() && event->contact().referred_on() > day)
    event->mutable_contact()->clear_referred_on();
  if (event->has_hospital_discharge() && event->hospital_discharge().ready_on() > day)
    event->mutable_hospital_discharge()->clear_ready_on();
}

}  // namespace kpr::test
