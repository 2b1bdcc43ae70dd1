// What is assessed, planned and reported beside the services: rates are rough national ones, see
// docs/simulator.md.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ingest/simulator/municipality.h"

namespace kpr::simulator {
namespace {

struct ExtraService {
  uint32_t type;
  double share;  // of those at home
};
constexpr ExtraService kExtraServices[] = {{2, 0.10}, {3, 0.015}, {4, 0.10},  {5, 0.12},  {7, 0.03},
                                           {9, 0.14}, {11, 0.04}, {26, 0.02}, {27, 0.05}, {28, 0.03}};
constexpr int kFunctionVariables = 17;

// As indicators/instruments has them; `reversed`: a bit for each item worded negatively.
constexpr Questionnaire kCareExperience = {"care-experience-10", false, 10, 5, 1u << 9};
constexpr Questionnaire kDailyLife = {"daily-life-6", false, 6, 5, 1u << 2 | 1u << 4 | 1u << 5};
constexpr Questionnaire kResidents = {"residents-4", false, 4, 4, 0};
constexpr Questionnaire kRelatives = {"relatives-14", true, 14, 5, 1u << 1 | 1u << 3};
// Inhabitants for each recipient, by age band: 0-17, 18-49, 50-66, 67-79, 80-89, 90 and over.
constexpr double kInhabitants[] = {3.8, 7.7, 3.9, 2.2, 0.65, 0.15};

double YearlyChance(double yearly) {
  return yearly / 12;
}

// Assessments a year, after the published shares with one in twelve months: dentists' visits fell in the
// pandemic, nutrition has risen since 2017 (reference section 2.3).
double DentalRate(int year) {
  return year == 2020 || year == 2021 ? 0.43 : 0.83;
}
double NutritionRate(int year) {
  return std::clamp(0.736 + 0.07 * (year - 2017), 0.6, 1.3);
}

}  // namespace

void MunicipalitySimulation::Emit(const Person& person, Date on,
                                  const std::function<void(v1::Event*)>& fill) {
  v1::Event event = About(person, on);
  fill(&event);
  sender_.Emit(std::move(event));
}

void MunicipalitySimulation::StartExtraServices(Person* person, Date on) {
  if (options_.his1135_facts_only) return;
  for (const ExtraService& service : kExtraServices) {
    const bool new_technology = service.type >= 26;  // codes of 2016
    if (!random_.Chance(service.share) || (new_technology && on.year() < 2016)) continue;
    person->extra |= 1u << service.type;
    Start(person, service.type, on);
    if (service.type == 3) ApplyBefore(*person, 3, on, on);
  }
}

std::vector<uint32_t> MunicipalitySimulation::ExtraServicesOf(const Person& person) const {
  std::vector<uint32_t> types;
  for (const ExtraService& service : kExtraServices) {
    if ((person.extra >> service.type & 1) != 0) types.push_back(service.type);
  }
  return types;
}

void MunicipalitySimulation::EndExtraServices(Person* person, Date on) {
  for (const uint32_t type : ExtraServicesOf(*person)) End(*person, type, on);
  person->extra = 0;
}

void MunicipalitySimulation::EmitFunction(const Person& person, Date on) {
  Emit(person, on, [&](v1::Event* e) {
    for (int i = 0; i < kFunctionVariables; ++i) {
      const int score = std::clamp(person.needs + random_.Between(-1, 1), 1, 5);
      e->mutable_function_assessment()->add_scores(random_.Chance(0.05) ? 9u : static_cast<uint32_t>(score));
    }
  });
}

void MunicipalitySimulation::AssessInLongStay(const Person& person, Period month) {
  if (random_.Chance(YearlyChance(NutritionRate(month.first().year())))) {
    Emit(person, DayIn(month), [&](v1::Event* e) {
      const bool at_risk = random_.Chance(0.38);
      e->mutable_nutrition_assessment()->set_at_risk(at_risk);
      e->mutable_nutrition_assessment()->set_has_plan(at_risk && random_.Chance(0.65));
    });
  }
  if (random_.Chance(YearlyChance(DentalRate(month.first().year()))))
    Emit(person, DayIn(month), [](v1::Event* e) { e->mutable_dental_assessment(); });
  if (random_.Chance(YearlyChance(0.8))) EmitFunction(person, DayIn(month));
  if (random_.Chance(YearlyChance(0.4))) {
    Emit(person, DayIn(month), [&](v1::Event* e) {
      e->mutable_room_taken()->set_service_id(ServiceId(person, 21));
      e->mutable_room_taken()->set_kind(random_.Chance(0.93)  ? v1::RoomTaken::KIND_SINGLE_WITH_BATH
                                        : random_.Chance(0.8) ? v1::RoomTaken::KIND_SINGLE_WITHOUT_BATH
                                                              : v1::RoomTaken::KIND_DOUBLE_AGAINST_WISH);
    });
  }
}

void MunicipalitySimulation::AssessAtHome(Person* person, Period month) {
  if (options_.his1135_facts_only) return;
  if (random_.Chance(YearlyChance(0.7))) {
    if (random_.Chance(0.2)) person->needs = std::min(person->needs + 1, 5);
    EmitFunction(*person, DayIn(month));
  }
  const auto state = [&](double yearly, const std::function<void(v1::Event*, bool)>& set) {
    if (random_.Chance(YearlyChance(yearly)))
      Emit(*person, DayIn(month), [&](v1::Event* e) { set(e, random_.Chance(0.3)); });
  };
  state(0.05, [](v1::Event* e, bool ended) { e->mutable_individual_plan()->set_ended(ended); });
  state(0.08, [](v1::Event* e, bool ended) { e->mutable_coordinator()->set_ended(ended); });
  state(0.06, [](v1::Event* e, bool ended) { e->mutable_everyday_rehabilitation()->set_ended(ended); });
  const int age = AgeOn(person->birth, month.first());
  if (age >= 67 && random_.Chance(YearlyChance(0.03))) {
    Emit(*person, DayIn(month), [](v1::Event* e) {
      e->mutable_diagnosis()->set_system(v1::Diagnosis::SYSTEM_ICPC2);
      e->mutable_diagnosis()->set_code("P70");
    });
  }
  if (age >= 80 && random_.Chance(YearlyChance(0.2)))
    Emit(*person, DayIn(month), [](v1::Event* e) { e->mutable_preventive_home_visit(); });
  if (person->stay_type == 0 && random_.Chance(YearlyChance(0.03)))
    EmergencyStay(*person, month.first() + random_.Below(20));
}

void MunicipalitySimulation::ReviewMedicines(const Person& person, Date on, bool full) {
  if (options_.his1135_facts_only) return;
  Emit(person, on, [&](v1::Event* e) {
    e->mutable_medication_review()->set_kind(full ? v1::MedicationReview::KIND_FULL_REVIEW
                                                  : v1::MedicationReview::KIND_RECONCILIATION);
  });
}

// Most are reconciled when they come, some reviewed.
void MunicipalitySimulation::ReviewAfterAdmission(const Person& person, Date on, int days) {
  if (random_.Chance(0.6)) ReviewMedicines(person, on + random_.Below(std::min(days, 9) + 1), false);
  if (random_.Chance(0.25)) ReviewMedicines(person, on + random_.Below(std::min(days, 40) + 1), true);
}

void MunicipalitySimulation::EmergencyStay(const Person& person, Date on) {
  const std::string id = fmt::format("{}-25-{}", person.id, next_local_++);
  const auto fill = [&](auto* service) {
    service->set_service_id(id);
    service->set_service_type(25);
    service->set_provider(ProviderOf(person, 25));
  };
  Emit(person, on, [&](v1::Event* e) { fill(e->mutable_service_started()); });
  const Date last = on + random_.Between(0, 4);
  const bool split = on < split_on_ && split_on_ <= last;  // then it ends with the code
  Emit(person, split ? split_on_ - 1 : last, [&](v1::Event* e) { fill(e->mutable_service_ended()); });
}

void MunicipalitySimulation::EmitInhabitants(Date on) {
  if (options_.his1135_facts_only) return;
  const double recipients = stocks_.long_stay + stocks_.time_limited + stocks_.housing + stocks_.home;
  v1::Event event;
  event.set_occurred_on(on.ToString());
  event.mutable_subject()->set_municipality(municipality_.ToString());
  for (size_t band = 0; band < std::size(kInhabitants); ++band) {
    const double women = band < 3 ? 0.49 : band < 4 ? 0.52 : band < 5 ? 0.58 : 0.7;
    const double all = recipients * kInhabitants[band];
    event.mutable_inhabitants()->add_men(static_cast<uint32_t>(std::lround(all * (1 - women))));
    event.mutable_inhabitants()->add_women(static_cast<uint32_t>(std::lround(all * women)));
  }
  sender_.Emit(std::move(event));
}

// Rough shares, and no random number, so that what else is told stays as it is.
void MunicipalitySimulation::FillProfessions(double staff, v1::Workforce* workforce) const {
  const auto share = [&](double of_all) { return std::round(staff * of_all * 4) / 4; };
  workforce->set_with_higher_education(share(0.38));
  workforce->set_nurses(share(0.22));
  workforce->set_specialist_nurses(share(0.05));
  workforce->set_psychologists(share(0.003));
  workforce->set_men(share(0.15));
  workforce->set_leaders(share(0.04));
  const double employees = std::round(staff * 1.45);
  workforce->set_employees(employees);
  workforce->set_part_time_employees(std::round(employees * 0.62));
  const double agreed = std::round(staff * 230);
  workforce->set_agreed_days(agreed);
  workforce->set_sick_leave_days(std::round(agreed * 0.098));
}

// `first`: of the municipality's homes the one with what it has once.
void MunicipalitySimulation::FillPlacesByKind(double places, bool first, v1::Capacity* capacity) const {
  const double all = stocks_.long_stay + stocks_.time_limited;
  const double long_stay = std::round(places * (all > 0 ? stocks_.long_stay / all : 0) * 2) / 2;
  capacity->set_long_stay_places(long_stay);
  capacity->set_time_limited_places(places - long_stay);
  capacity->set_dementia_places(std::floor(long_stay * 0.28));
  if (!first) return;
  capacity->set_palliative_places(std::floor(places * 0.03));
  capacity->set_staffed_housing_places(std::round(stocks_.housing * 0.6));
  capacity->set_day_activity_places(std::round(stocks_.home * 0.03));
  capacity->set_emergency_somatic_places(std::ceil(stocks_.home * 0.003));
  capacity->set_emergency_psychiatric_places(std::floor(stocks_.home * 0.0006));
}

void MunicipalitySimulation::EmitWorkforce(Date on) {
  if (options_.his1135_facts_only) return;
  const double staff = std::round(stocks_.long_stay * 2 + stocks_.home * 0.25 + stocks_.housing * 0.4 + 5);
  v1::Event event;
  event.set_occurred_on(on.ToString());
  event.mutable_subject()->set_municipality(municipality_.ToString());
  event.mutable_workforce()->set_full_time_equivalents(staff);
  event.mutable_workforce()->set_with_health_education(std::round(staff * (0.7 + 0.14 * random_.Unit())));
  FillProfessions(staff, event.mutable_workforce());
  sender_.Emit(std::move(event));
  for (const std::string& home : homes_) {
    v1::Event doctor;
    doctor.set_occurred_on(on.ToString());
    doctor.mutable_subject()->set_provider(home);
    const double residents = (stocks_.long_stay + stocks_.time_limited) / static_cast<double>(homes_.size());
    doctor.mutable_workforce()->set_doctor_hours_per_week(
        std::round(residents * (0.4 + 0.35 * random_.Unit()) * 4) / 4);
    sender_.Emit(std::move(doctor));
  }
}

// Most declare a month complete at once; some never do.
void MunicipalitySimulation::EmitComplete(Period month) {
  if (options_.his1135_facts_only || !random_.Chance(0.97)) return;
  v1::Event event;
  event.set_occurred_on(month.last().ToString());
  event.mutable_subject()->set_municipality(municipality_.ToString());
  event.mutable_period_complete()->set_first_month(month.ToString());
  event.mutable_period_complete()->set_last_month(month.ToString());
  sender_.Emit(std::move(event));
}

void MunicipalitySimulation::EmitCapacity(Date on, bool first) {
  if (options_.his1135_facts_only) return;
  const double each = (stocks_.long_stay + stocks_.time_limited) / static_cast<double>(homes_.size()) * 1.02;
  for (const std::string& home : homes_) {
    if (!first && !random_.Chance(0.5)) continue;
    v1::Event event;
    event.set_occurred_on(on.ToString());
    event.mutable_subject()->set_provider(home);
    auto* capacity = event.mutable_capacity();
    const double places = std::round((each + random_.Below(3)) * 2) / 2;
    capacity->set_places(places);
    capacity->set_places_bought(random_.Chance(0.1) ? 1.5 : 0);
    capacity->set_places_sold(random_.Chance(0.1) ? 1 : 0);
    capacity->set_rooms(std::floor(places));
    capacity->set_single_rooms_with_bath(std::floor(std::floor(places) * (0.88 + random_.Unit() * 0.1)));
    capacity->set_industry_code("87.101");
    FillPlacesByKind(places, &home == &homes_.front(), capacity);
    sender_.Emit(std::move(event));
  }
}

void MunicipalitySimulation::EmitSurvey(Date on) {
  if (options_.his1135_facts_only) return;
  for (const Person& person : persons_) {
    if (person.id == 0 || !random_.Chance(0.12)) continue;
    const bool users = random_.Chance(0.7);
    const Questionnaire& of_users = random_.Chance(0.5)      ? kCareExperience
                                    : person.stay_type == 21 ? kResidents
                                                             : kDailyLife;
    EmitAnswers(users ? of_users : kRelatives, person, on);
  }
}

void MunicipalitySimulation::EmitAnswers(const Questionnaire& asked, const Person& person, Date on) {
  const v1::Respondent who = asked.relatives ? v1::RESPONDENT_RELATIVE : v1::RESPONDENT_USER;
  v1::Event invitation;
  invitation.set_occurred_on(on.ToString());
  invitation.mutable_subject()->set_respondent(
      fmt::format("{}-r{}", municipality_.ToString(), next_respondent_++));
  auto* invited = invitation.mutable_survey_invitation();
  invited->set_instrument(asked.instrument);
  invited->set_respondent(who);
  invited->set_provider(ProviderOf(person, person.stay_type == 21 ? 21 : 15));
  v1::Event response = invitation;
  sender_.Emit(std::move(invitation));
  if (!random_.Chance(asked.relatives ? 0.52 : 0.44)) return;
  response.set_occurred_on((on + random_.Between(3, 40)).ToString());
  auto* answered = response.mutable_survey_response();
  answered->set_instrument(asked.instrument);
  answered->set_respondent(who);
  const double mood = (asked.relatives ? 0.66 : 0.72) + (random_.Unit() - 0.5) * 0.5;  // of the scale
  for (int item = 1; item <= asked.items; ++item) {
    const double share = mood + (random_.Unit() - 0.5) * 0.5;
    const int score = std::clamp(1 + static_cast<int>(std::lround(share * (asked.most - 1))), 1, asked.most);
    const bool turned = (asked.reversed >> item & 1) != 0;
    answered->add_answers(static_cast<uint32_t>(random_.Chance(0.07) ? 0
                                                : turned             ? asked.most + 1 - score
                                                                     : score));
  }
  sender_.Emit(std::move(response));
}

}  // namespace kpr::simulator
