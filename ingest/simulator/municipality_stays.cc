// Applications for places, waits and stays in institutions.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ingest/simulator/municipality.h"

namespace kpr::simulator {
namespace {

// Of those who apply for a long stay so many are put on the list, where they wait so many days more; of these
// so many on a time-limited stay (waiting lists of 2018 and 2022, reference section 2.4).
constexpr double kListed = 0.27, kListedDays = 162, kWaitOnStay = 0.65;

}  // namespace

void MunicipalitySimulation::EmitApplication(const Person& person, Date on, const std::string& application,
                                             uint32_t type) {
  if (options_.his1135_facts_only) return;
  Emit(person, on, [&](v1::Event* e) {
    e->mutable_place_applied()->set_application_id(application);
    e->mutable_place_applied()->set_service_type(type);
  });
}

void MunicipalitySimulation::EmitGrant(const Person& person, Date on, const std::string& application,
                                       uint32_t type) {
  if (options_.his1135_facts_only) return;
  Emit(person, on, [&](v1::Event* e) {
    e->mutable_place_granted()->set_application_id(application);
    e->mutable_place_granted()->set_service_type(type);
  });
}

void MunicipalitySimulation::EmitDecline(const Person& person, Date on, const std::string& application,
                                         uint32_t type, v1::PlaceDeclined::By by) {
  if (options_.his1135_facts_only) return;
  Emit(person, on, [&](v1::Event* e) {
    e->mutable_place_declined()->set_application_id(application);
    e->mutable_place_declined()->set_service_type(type);
    e->mutable_place_declined()->set_by(by);
  });
}

void MunicipalitySimulation::ApplyForPlace(Person* person, Date on) {
  person->application = fmt::format("a{}", next_local_++);
  EmitApplication(*person, on, person->application, 21);
  const bool listed = random_.Chance(kListed);
  const int days = listed ? 30 + static_cast<int>(random_.Exponential(kListedDays)) : random_.Between(1, 25);
  person->decided_on = on + days;
  const Period month = Period::Containing(PeriodKind::kMonth, on);
  if (person->decided_on <= month.last()) return DecidePlace(person, person->decided_on);
  if (listed && random_.Chance(kWaitOnStay)) TimeLimitedStay(person, on + 1, days - 1);
}

void MunicipalitySimulation::DecidePlace(Person* person, Date on) {
  const std::string application = std::exchange(person->application, "");
  if (random_.Chance(0.12))
    return EmitDecline(*person, on, application, 21, v1::PlaceDeclined::BY_MUNICIPALITY);
  EmitGrant(*person, on, application, 21);
  const Date moves = on + DaysFromGrantToStay();
  if (person->has_home_care) End(*person, 15, moves);
  if (person->has_help) End(*person, 1, moves);
  if (person->has_alarm) End(*person, 6, moves);
  EndExtraServices(person, moves);
  person->has_home_care = person->has_help = person->has_alarm = false;
  person->stay_type = 21;
  Start(person, 21, moves);
  // What is told already of the stay before comes first.
  person->leaves = std::max(person->stay_ends + 30,
                            moves + 5 + static_cast<int>(random_.Exponential(kLongStayMonths * 30.4)));
  ReviewAfterAdmission(*person, moves, person->leaves - moves);
}

// 90 in 100 get the place within 15 days, 4 in 16 to 30, 6 later (national figures of 2018).
int MunicipalitySimulation::DaysFromGrantToStay() {
  const double luck = random_.Unit();
  return luck < 0.90 ? random_.Below(16) : luck < 0.94 ? random_.Between(16, 30) : random_.Between(31, 90);
}

void MunicipalitySimulation::TimeLimitedStay(Person* person, Date on, int days) {
  const uint32_t type = random_.Chance(0.5) ? 18 : random_.Chance(0.4) ? 19 : 20;
  const Date ends = on + days;
  // Few wait for one (446 in 2018); to most it is given at once.
  if (random_.Chance(0.15)) {
    const std::string application = fmt::format("t{}", next_local_++);
    EmitApplication(*person, on, application, type);
    const Date granted = on + random_.Between(0, 8);
    EmitGrant(*person, granted, application, type);
    on = granted + random_.Between(0, 5);
  }
  person->stay_type = type;
  Start(person, type, on);
  ComeFromHospital(*person, on);
  person->stay_ends = std::max(ends, on + 1);
  ReviewAfterAdmission(*person, on, person->stay_ends - on);
  person->leaves = std::max(person->leaves, person->stay_ends + 30);
  EndTimeLimitedStay(person, Period::Containing(PeriodKind::kMonth, on));
}

void MunicipalitySimulation::EndTimeLimitedStay(Person* person, Period month) {
  if (person->stay_ends > month.last()) return;
  End(*person, person->stay_type, person->stay_ends);
  if (random_.Chance(0.4)) ReviewMedicines(*person, person->stay_ends + random_.Below(20), false);
  if (options_.contacts > 0 && random_.Chance(0.45))
    EmitContact(*person, person->stay_ends + random_.Below(28), v1::Contact::SERVICE_GENERAL_PRACTITIONER);
  person->stay_type = 0;
}

}  // namespace kpr::simulator
