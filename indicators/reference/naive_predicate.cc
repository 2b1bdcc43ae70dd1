#include "indicators/reference/naive_predicate.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace kpr::naive {
namespace {

std::optional<double> ReadyDays(const v1::Event& e) {
  const auto ready = Date::Parse(e.hospital_discharge().ready_on());
  return ready ? std::optional<double>(*Date::Parse(e.occurred_on()) - *ready) : std::nullopt;
}

std::optional<double> ValueOf(const v1::Event& e, v1::ValueField field) {
  if (field == v1::VALUE_FIELD_AT_RISK) return e.nutrition_assessment().at_risk() ? 1.0 : 0.0;
  if (field == v1::VALUE_FIELD_HAS_PLAN) return e.nutrition_assessment().has_plan() ? 1.0 : 0.0;
  if (field == v1::VALUE_FIELD_ROOM_KIND) return static_cast<double>(e.room_taken().kind());
  if (field == v1::VALUE_FIELD_ENDED) {
    const bool ended = e.individual_plan().ended() || e.coordinator().ended() ||
                       e.everyday_rehabilitation().ended() || e.palliative_plan().ended() ||
                       e.follow_up_team().ended() || e.digital_home_monitoring().ended();
    return ended ? 1.0 : 0.0;
  }
  if (field == v1::VALUE_FIELD_READY_DAYS) return ReadyDays(e);
  if (field == v1::VALUE_FIELD_HOURS_PER_WEEK) return e.informal_care().hours_per_week();
  if (field == v1::VALUE_FIELD_DECLINED) return e.preventive_home_visit().declined() ? 1.0 : 0.0;
  if (field == v1::VALUE_FIELD_DECLINED_BY && e.place_declined().by() != v1::PlaceDeclined::BY_UNSPECIFIED)
    return static_cast<double>(e.place_declined().by());
  const v1::MedicinesInUse& list = e.medicines_in_use();
  if (field == v1::VALUE_FIELD_MEDICINES && list.has_medicines())
    return static_cast<double>(list.medicines());
  if (field == v1::VALUE_FIELD_MULTI_DOSE && list.has_multi_dose()) return list.multi_dose() ? 1.0 : 0.0;
  if (field != v1::VALUE_FIELD_MEAN_SCORE) return std::nullopt;
  const auto mean = MeanScoreHundredths(e.function_assessment());
  return mean ? std::optional<double>(*mean / 100.0) : std::nullopt;
}

bool Passes(const v1::Event& e, const v1::FactWithin& f) {
  bool wanted = f.diagnoses().empty();
  for (const v1::DiagnosisCode& d : f.diagnoses()) {
    const bool same_system = e.diagnosis().system() == d.system();
    wanted = wanted || (same_system && e.diagnosis().code().starts_with(d.begins()));
  }
  if (!wanted) return false;
  if (!f.has_value()) return true;
  return PassesValueTest(e, f.value());
}

bool FactWithin(const Subject& s, const v1::FactWithin& f, Date day) {
  const auto inside = [&](const EffectiveEvent& t) {
    return t.on <= day && (f.months() == 0 || t.on > day.MinusMonths(static_cast<int>(f.months())));
  };
  const EffectiveEvent* latest = nullptr;
  for (const EffectiveEvent& t : s.events) {
    if (t.on > day || !Matches(*t.e, f.fact())) continue;
    if (!f.latest() && inside(t) && Passes(*t.e, f)) return true;
    latest = &t;
  }
  return f.latest() && latest != nullptr && inside(*latest) && Passes(*latest->e, f);
}

}  // namespace

bool PassesValueTest(const v1::Event& e, const v1::ValueTest& test) {
  const auto value = ValueOf(e, test.field());
  return value && *value >= test.from() - 1e-9 && *value <= test.to() + 1e-9;
}

int64_t CountedIn(const v1::Event& e, const v1::FactCount& count) {
  const bool passes = !count.has_value() || PassesValueTest(e, count.value());
  if (!Matches(e, count.or_fact()) && !(Matches(e, count.fact()) && passes)) return 0;
  const uint32_t type =
      e.place_applied().service_type() + e.place_granted().service_type() + e.place_declined().service_type();
  if (!count.types().empty() && !SetOf(count.types()).contains(type)) return 0;
  if (count.sum() == v1::VALUE_FIELD_UNSPECIFIED) return 1;
  return std::llround(ValueOf(e, count.sum()).value_or(0));
}

std::optional<int> MeanScoreHundredths(const v1::FunctionAssessment& assessment) {
  int sum = 0, n = 0;
  for (const uint32_t score : assessment.scores()) {
    if (score == 9) continue;
    sum += static_cast<int>(score);
    ++n;
  }
  if (n == 0) return std::nullopt;
  return static_cast<int>(std::floor(100.0 * sum / n + 0.5 + 1e-9));
}

int64_t HoursIn(const Subject& s, const std::set<uint32_t>& types, Date first, Date day) {
  int64_t hundredths = 0;
  for (const Stay& stay : s.stays) {
    if (types.contains(stay.start->service_type()) && s.GivenAnyDay(stay, first, day, true))
      hundredths += std::llround(stay.start->hours_per_week() * 100);
  }
  return hundredths;
}

bool Matches(const v1::Event& e, v1::FactType type) {
  if (e.has_medication_review()) {
    const bool full = e.medication_review().kind() == v1::MedicationReview::KIND_FULL_REVIEW;
    return full ? type == v1::FACT_TYPE_FULL_MEDICATION_REVIEW
                : type == v1::FACT_TYPE_MEDICATION_RECONCILIATION &&
                      e.medication_review().kind() == v1::MedicationReview::KIND_RECONCILIATION;
  }
  if (e.has_contact()) {
    const std::string service =
        v1::Contact::Service_Name(e.contact().service()).substr(sizeof "SERVICE_" - 1);
    const std::string named = service.substr(0, service.find("_AND_"));
    return v1::FactType_Name(type) == "FACT_TYPE_" + named + "_CONTACT";
  }
  if (e.has_preventive_home_visit()) {
    return type == (e.preventive_home_visit().declined() ? v1::FACT_TYPE_PREVENTIVE_HOME_VISIT_DECLINED
                                                         : v1::FACT_TYPE_PREVENTIVE_HOME_VISIT);
  }
  static const std::map<v1::FactType, v1::Event::FactCase> kTold = {
      {v1::FACT_TYPE_ASSESSED_BY_DOCTOR, v1::Event::kDoctorAssessment},
      {v1::FACT_TYPE_ASSESSED_BY_DENTAL_STAFF, v1::Event::kDentalAssessment},
      {v1::FACT_TYPE_NUTRITION_ASSESSED, v1::Event::kNutritionAssessment},
      {v1::FACT_TYPE_FUNCTION_ASSESSED, v1::Event::kFunctionAssessment},
      {v1::FACT_TYPE_DIAGNOSIS, v1::Event::kDiagnosis},
      {v1::FACT_TYPE_INDIVIDUAL_PLAN, v1::Event::kIndividualPlan},
      {v1::FACT_TYPE_COORDINATOR, v1::Event::kCoordinator},
      {v1::FACT_TYPE_ROOM_TAKEN, v1::Event::kRoomTaken},
      {v1::FACT_TYPE_EVERYDAY_REHABILITATION, v1::Event::kEverydayRehabilitation},
      {v1::FACT_TYPE_HOSPITAL_DISCHARGE, v1::Event::kHospitalDischarge},
      {v1::FACT_TYPE_MEDICINES_IN_USE, v1::Event::kMedicinesInUse},
      {v1::FACT_TYPE_PALLIATIVE_PLAN, v1::Event::kPalliativePlan},
      {v1::FACT_TYPE_FOLLOW_UP_TEAM, v1::Event::kFollowUpTeam},
      {v1::FACT_TYPE_DIGITAL_HOME_MONITORING, v1::Event::kDigitalHomeMonitoring},
      {v1::FACT_TYPE_INFORMAL_CARE, v1::Event::kInformalCare},
      {v1::FACT_TYPE_PLACE_APPLIED, v1::Event::kPlaceApplied},
      {v1::FACT_TYPE_PLACE_GRANTED, v1::Event::kPlaceGranted},
      {v1::FACT_TYPE_PLACE_DECLINED, v1::Event::kPlaceDeclined},
  };
  const auto it = kTold.find(type);
  return it != kTold.end() && it->second == e.fact_case();
}

bool Holds(const Subject& s, const v1::Predicate& p, Date first, Date day) {
  const auto holds = [&](const v1::Predicate& q) { return Holds(s, q, first, day); };
  switch (p.test_case()) {
    case v1::Predicate::kAll:
      return std::all_of(p.all().of().begin(), p.all().of().end(), holds);
    case v1::Predicate::kAny:
      return std::any_of(p.any().of().begin(), p.any().of().end(), holds);
    case v1::Predicate::kNot:
      return !holds(p.not_());
    case v1::Predicate::kServiceActive: {
      const auto& types = p.service_active().types();
      return std::any_of(s.stays.begin(), s.stays.end(), [&](const Stay& stay) {
        return std::count(types.begin(), types.end(), stay.start->service_type()) > 0 &&
               s.GivenAnyDay(stay, first, day, p.service_active().pauses() == v1::PAUSES_INTERRUPT);
      });
    }
    case v1::Predicate::kFactWithin:
      return FactWithin(s, p.fact_within(), day);
    case v1::Predicate::kAge: {
      if (!s.birth) return false;
      const int age = AgeOn(*s.birth, day);
      return age >= static_cast<int>(p.age().from()) &&
             (p.age().to() == 0 || age <= static_cast<int>(p.age().to()));
    }
    case v1::Predicate::kWaitingForPlace: {
      const auto types = SetOf(p.waiting_for_place().types());
      return std::any_of(s.events.begin(), s.events.end(),
                         [&](const EffectiveEvent& t) { return s.OpenApplication(t, types, day); });
    }
    case v1::Predicate::kGrantedHours: {
      const double hours =
          static_cast<double>(HoursIn(s, SetOf(p.granted_hours().types()), first, day)) / 100.0;
      return hours >= p.granted_hours().from() - 1e-9 &&
             (p.granted_hours().to() == 0 || hours <= p.granted_hours().to() + 1e-9);
    }
    case v1::Predicate::kDeathAt: {
      const auto& places = p.death_at().places();
      return s.death <= day &&
             std::count(places.begin(), places.end(), static_cast<uint32_t>(s.death_place)) > 0;
    }
    case v1::Predicate::TEST_NOT_SET:
      return true;
  }
  return true;
}

}  // namespace kpr::naive
