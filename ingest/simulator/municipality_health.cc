// Discharges from hospital, medicines, plans and help of relatives, applications for housing and personal
// assistance: rough rates, see docs/simulator.md. Random numbers of its own, so that what else is told stays
// as it is.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ingest/simulator/municipality.h"

namespace kpr::simulator {
namespace {

constexpr double kReadyAtOnce = 0.72, kReadyDays = 2.5;  // of discharges; days more of the others, on average
constexpr double kReconciledAfterHospital = 0.3, kSeenAfterHospital = 0.4;
constexpr double kStaysFromHospital = 0.35;  // of time-limited stays
constexpr double kHousingApplied = 0.7, kHousingDeclined = 0.0006,
                 kBpaDeclined = 0.00006;  // a month, the last two

bool Monthly(Random* random, double yearly) {
  return random->Chance(yearly / 12);
}

}  // namespace

void MunicipalitySimulation::LeaveHospital(const Person& person, Date on, int longest) {
  if (options_.his1135_facts_only) return;
  Random& random = health_random_;
  const int ready_days = random.Chance(kReadyAtOnce)
                             ? 0
                             : std::min(longest, 1 + static_cast<int>(random.Exponential(kReadyDays)));
  const bool told = random.Chance(0.96);
  Emit(person, on, [&](v1::Event* e) {
    e->mutable_hospital_discharge();
    if (told) e->mutable_hospital_discharge()->set_ready_on((on - ready_days).ToString());
  });
  if (random.Chance(kReconciledAfterHospital)) ReviewMedicines(person, on + random.Below(14), false);
  if (options_.contacts > 0 && random.Chance(kSeenAfterHospital))
    EmitContact(person, on + random.Below(14), v1::Contact::SERVICE_GENERAL_PRACTITIONER);
}

void MunicipalitySimulation::ComeFromHospital(const Person& person, Date on) {
  if (health_random_.Chance(kStaysFromHospital)) LeaveHospital(person, on, 12);
}

void MunicipalitySimulation::ListMedicines(const Person& person, Date on, bool at_home) {
  Random& random = health_random_;
  const int medicines = std::clamp(3 + static_cast<int>(random.Exponential(4)), 0, 30);
  const bool told = random.Chance(0.9);
  Emit(person, on, [&](v1::Event* e) {
    e->mutable_medicines_in_use()->set_multi_dose(random.Chance(at_home ? 0.45 : 0.1));
    if (told) e->mutable_medicines_in_use()->set_medicines(static_cast<uint32_t>(medicines));
  });
}

void MunicipalitySimulation::PlanInLongStay(const Person& person, Period month) {
  if (options_.his1135_facts_only) return;
  const auto day = [&] { return month.first() + health_random_.Below(28); };
  if (Monthly(&health_random_, 0.7)) ListMedicines(person, day(), false);
  if (Monthly(&health_random_, 0.3)) Emit(person, day(), [](v1::Event* e) { e->mutable_palliative_plan(); });
}

void MunicipalitySimulation::PlanAtHome(const Person& person, Period month) {
  if (options_.his1135_facts_only) return;
  Random& random = health_random_;
  const auto day = [&] { return month.first() + random.Below(28); };
  if (person.has_home_care && Monthly(&random, 0.6)) ListMedicines(person, day(), true);
  if (Monthly(&random, 0.02)) Emit(person, day(), [](v1::Event* e) { e->mutable_palliative_plan(); });
  const bool ends = random.Chance(0.3);
  if (Monthly(&random, 0.02))
    Emit(person, day(), [&](v1::Event* e) { e->mutable_follow_up_team()->set_ended(ends); });
  if (month.first().year() >= 2019 && person.has_home_care && Monthly(&random, 0.02))
    Emit(person, day(), [&](v1::Event* e) { e->mutable_digital_home_monitoring()->set_ended(ends); });
  if (Monthly(&random, 0.25)) {
    const double hours = random.Chance(0.4) ? 0 : std::min(std::round(random.Exponential(9) * 2) / 2, 168.0);
    Emit(person, day(), [&](v1::Event* e) { e->mutable_informal_care()->set_hours_per_week(hours); });
  }
  if (AgeOn(person.birth, month.first()) >= 80 && Monthly(&random, 0.08))
    Emit(person, day(), [](v1::Event* e) { e->mutable_preventive_home_visit()->set_declined(true); });
  if (person.stay_type == 0 && random.Chance(kHousingDeclined)) ApplyInVain(person, 29, day());
  if (random.Chance(kBpaDeclined)) ApplyInVain(person, 3, day());
}

void MunicipalitySimulation::ApplyInVain(const Person& person, uint32_t type, Date on) {
  const std::string application = fmt::format("h{}", next_local_++);
  EmitApplication(person, on, application, CodeOf(type, on));
  const Date decided = on + health_random_.Between(10, 90);
  EmitDecline(
      person, decided, application, CodeOf(type, on),
      health_random_.Chance(0.15) ? v1::PlaceDeclined::BY_APPLICANT : v1::PlaceDeclined::BY_MUNICIPALITY);
}

// The application of a service that begins on `on`, which is granted between `since` and then.
void MunicipalitySimulation::ApplyBefore(const Person& person, uint32_t type, Date since, Date on) {
  if (options_.his1135_facts_only || !health_random_.Chance(kHousingApplied)) return;
  const std::string application = fmt::format("h{}", next_local_++);
  const int days = on - since;
  const Date applied = since + health_random_.Below(days + 1);
  EmitApplication(person, applied, application, CodeOf(type, applied));
  EmitGrant(person, applied + health_random_.Below(on - applied + 1), application, CodeOf(type, applied));
}

}  // namespace kpr::simulator
