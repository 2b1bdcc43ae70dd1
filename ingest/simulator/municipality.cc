#include "ingest/simulator/municipality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "registry/codelists/codelists.h"

namespace kpr::simulator {
namespace {

// Recipients on 31.12.2021 by living situation (Helsedirektoratet, reference section 3.2).
constexpr Stocks kCountry = {31'322, 11'671, 42'295, 207'654};

// Inhabitants are not in the reference; a rank-size rule gives large and small municipalities their like.
double Weight(Municipality municipality) {
  if (municipality.code == 301) return 120;
  const double u = static_cast<double>(Fnv1a(municipality.ToString()) % 10'000) / 10'000;
  return 0.35 * std::pow(1 - u * 0.995, -0.9);
}

double WeightOfAll() {
  static const double all = [] {
    double sum = 0;
    for (const Municipality m : MunicipalitiesOn(Date::FromYmd(2024, 1, 1))) sum += Weight(m);
    return sum;
  }();
  return all;
}

// Share a year, and how registrations pile up at the end of it.
constexpr double kReviewed = 0.93, kReviewedAtHome = 0.15, kSeenByDoctor = 1.35, kReconciled = 0.35;
constexpr double kMonthWeight[] = {0.6, 0.6, 0.8, 0.8, 0.9, 0.9, 0.5, 0.7, 1.0, 1.1, 1.4, 2.7};

double MonthlyChance(double yearly, int month) {
  return yearly / 12 * kMonthWeight[month - 1];
}

// Mean stays in months; with them the stocks hold.
constexpr double kHousingMonths = 90, kHomeMonths = 44;

}  // namespace

uint32_t CodeOf(uint32_t type, Date begins) {
  return type == 29 && begins < Date::FromYmd(2019, 1, 1) ? 12 : type;
}

Stocks StocksOf(Municipality municipality, double scale) {
  const double part = Weight(municipality) / WeightOfAll() * scale;
  return {kCountry.long_stay * part, kCountry.time_limited * part, kCountry.housing * part,
          kCountry.home * part};
}

MunicipalitySimulation::MunicipalitySimulation(Municipality municipality, uint32_t index,
                                               const Options& options, IdentityNumbers* numbers,
                                               Sender::Take take)
    : options_(options),
      municipality_(municipality),
      random_(options.seed * 0x9E3779B97F4A7C15ull ^ Fnv1a(municipality.ToString())),
      health_random_(options.seed * 0x9E3779B97F4A7C15ull ^ Fnv1a(municipality.ToString() + " health")),
      numbers_(numbers),
      sender_(municipality, options.noise, Random(random_.Next()), std::move(take)),
      stocks_(StocksOf(municipality, options.scale)) {
  for (int year = 2012; year <= options.to.year(); ++year) {
    const Date first = Date::FromYmd(year, 1, 1);
    const Municipality before = Predecessor(municipality, first - 1);
    if (EndsInSplit(before) && InForceUntil(before) == first) split_on_ = first;
  }
  const int homes = std::max(1, static_cast<int>((stocks_.long_stay + stocks_.time_limited) / 45 + 0.5));
  for (int i = 0; i < homes; ++i)
    homes_.push_back(OrganisationNumber(index * 200 + static_cast<uint32_t>(i)));
  for (int i = 0; i < 2; ++i)
    home_services_.push_back(OrganisationNumber(index * 200 + 190 + static_cast<uint32_t>(i)));
}

v1::Event MunicipalitySimulation::About(const Person& person, Date on) const {
  v1::Event event;
  event.set_occurred_on(on.ToString());
  event.mutable_subject()->mutable_person()->set_type(person.number_type);
  event.mutable_subject()->mutable_person()->set_number(person.number);
  event.mutable_source()->set_patient_number(fmt::format("{}-{}", municipality_.ToString(), person.id));
  return event;
}

std::string MunicipalitySimulation::ServiceId(const Person& person, uint32_t type) const {
  return fmt::format("{}-{}-{}", person.id, type, type >= 18 && type <= 21 ? person.busy_until.days : 0);
}

std::string MunicipalitySimulation::ProviderOf(const Person& person, uint32_t type) const {
  if (type == 29 || type == 6) return "";
  if ((type >= 18 && type <= 21) || type == 8 || type == 25)
    return homes_[static_cast<size_t>(std::max(person.provider, 0))];
  return home_services_[person.id % home_services_.size()];
}

Date MunicipalitySimulation::DayIn(Period month) {
  return month.first() + random_.Below(month.last() - month.first() + 1);
}

void MunicipalitySimulation::Start(Person* person, uint32_t type, Date on) {
  if (type >= 18 && type <= 21) {
    person->provider = random_.Below(static_cast<int>(homes_.size()));
    person->busy_until = on;
  }
  EmitStart(*person, type, on);
}

void MunicipalitySimulation::EmitStart(const Person& person, uint32_t type, Date on) {
  since_[{person.id, type}] = on;
  v1::Event event = About(person, on);
  auto* started = event.mutable_service_started();
  started->set_service_id(ServiceId(person, type));
  started->set_service_type(CodeOf(type, on));
  started->set_provider(ProviderOf(person, type));
  const double hours = type == 15 ? 5 : type == 1 ? 2 : type == 3 ? 30 : 0;
  if (hours > 0 && !options_.his1135_facts_only)  // the message has no hours
    started->set_hours_per_week(std::round(random_.Exponential(hours) * 4 + 2) / 4);
  if (started->hours_per_week() > 60) started->set_hours_per_week(60);
  sender_.Emit(std::move(event));
}

void MunicipalitySimulation::End(const Person& person, uint32_t type, Date on) {
  if (split_on_ <= on) RenewService(person, type);
  EmitEnd(person, type, on);
  since_.erase({person.id, type});
}

void MunicipalitySimulation::EmitEnd(const Person& person, uint32_t type, Date on) {
  v1::Event event = About(person, on);
  event.mutable_service_ended()->set_service_id(ServiceId(person, type));
  event.mutable_service_ended()->set_service_type(CodeOf(type, since_.at({person.id, type})));
  event.mutable_service_ended()->set_provider(ProviderOf(person, type));
  sender_.Emit(std::move(event));
}

void MunicipalitySimulation::EmitDetails(const Person& person, Date on, bool dead) {
  if (options_.his1135_facts_only) return;
  v1::Event event = About(person, on);
  auto* details = event.mutable_person_details();
  details->set_birth_date(person.birth.ToString());
  details->set_sex(person.female ? v1::SEX_FEMALE : v1::SEX_MALE);
  if (dead) {
    details->set_death_date(on.ToString());
    details->set_death_place(person.stay_type == 21 ? v1::DEATH_PLACE_NURSING_HOME
                             : random_.Chance(0.6)  ? v1::DEATH_PLACE_HOSPITAL
                                                    : v1::DEATH_PLACE_HOME);
  }
  sender_.Emit(std::move(event));
}

void MunicipalitySimulation::Arrive(Date on, uint32_t stay_type, bool already_running) {
  Person person;
  person.id = next_person_++;
  person.female = random_.Chance(stay_type == 21 ? 0.68 : 0.58);
  const int age = stay_type == 21        ? std::clamp(random_.Between(70, 98), 67, 99)
                  : stay_type == 29      ? random_.Between(20, 85)
                  : random_.Chance(0.35) ? random_.Between(8, 66)
                                         : random_.Between(67, 95);
  person.birth = on - age * 365 - random_.Below(365);
  person.needs = stay_type == 21 ? 4 : random_.Between(1, 3);
  person.renumbers = !options_.his1135_facts_only && random_.Chance(options_.noise.renumbered);
  person.number_type = person.renumbers ? 2 : 1;
  person.number = numbers_->Next(person.birth, person.renumbers);
  // Some are known already: they lived elsewhere until a few weeks ago.
  const bool may_have_moved = !already_running && stay_type != 21 && random_.Chance(0.15);
  if (const auto mover = may_have_moved ? numbers_->Arrive(on) : std::nullopt) {
    person.number = mover->number;
    person.number_type = 1;
    person.birth = mover->birth;
    person.female = mover->female;
    person.renumbers = false;
  }
  const double months = stay_type == 21 ? kLongStayMonths : stay_type == 29 ? kHousingMonths : kHomeMonths;
  // A person met in mid-service has on average as long to go as one who begins: the stay is memoryless.
  person.leaves = on + 1 + static_cast<int>(random_.Exponential(months * 30.4));
  person.stay_type = stay_type;
  person.busy_until = on;
  const Date since = already_running ? on - random_.Below(700) : on;
  EmitDetails(person, since, false);
  if (stay_type != 0) Start(&person, stay_type, since);
  if (stay_type != 21) {
    person.has_home_care = random_.Chance(0.72);
    person.has_help = !person.has_home_care || random_.Chance(0.35);
    person.has_alarm = random_.Chance(0.30);
    if (person.has_home_care) Start(&person, 15, since);
    if (person.has_help) Start(&person, 1, since);
    if (person.has_alarm) Start(&person, 6, since);
    StartExtraServices(&person, since);
  }
  if (!options_.his1135_facts_only) EmitFunction(person, since);
  persons_.push_back(std::move(person));
}

std::vector<uint32_t> MunicipalitySimulation::ServicesOf(const Person& person) const {
  std::vector<uint32_t> types;
  if (person.stay_type != 0) types.push_back(person.stay_type);
  if (person.has_home_care) types.push_back(15);
  if (person.has_help) types.push_back(1);
  if (person.has_alarm) types.push_back(6);
  for (const uint32_t type : ExtraServicesOf(person)) types.push_back(type);
  return types;
}

// Nobody knows to which of the codes that follow a service would go.
void MunicipalitySimulation::RenewService(const Person& person, uint32_t type) {
  const Date since = since_.at({person.id, type});
  if (since >= split_on_) return;
  EmitEnd(person, type, split_on_ - 1);
  EmitStart(person, type, split_on_);
}

void MunicipalitySimulation::Leave(Person* person, Date on, bool dies) {
  for (const uint32_t type : ServicesOf(*person)) End(*person, type, on);
  if (!dies && !person->application.empty())
    EmitDecline(*person, on, person->application, 21, v1::PlaceDeclined::BY_APPLICANT);
  if (dies) EmitDetails(*person, on, true);
  if (!dies && person->number_type == 1 && random_.Chance(0.3)) {
    numbers_->Leave({person->number, person->birth, on, person->female});
  }
  person->id = 0;
}

void MunicipalitySimulation::Pause(Person* person, uint32_t type, Date on) {
  const int days = random_.Between(2, 12);
  if (on <= std::max(person->paused_until, person->busy_until)) return;
  if (on < split_on_ && split_on_ <= on + days) return;
  person->paused_until = on + days;
  const std::string pause_id = fmt::format("p{}", next_local_++);
  v1::Event from = About(*person, on), to = About(*person, on + days);
  const auto fill = [&](auto* pause) {
    pause->set_service_id(ServiceId(*person, type));
    pause->set_service_type(type);
    pause->set_pause_id(pause_id);
    pause->set_provider(ProviderOf(*person, type));
  };
  fill(from.mutable_service_paused());
  fill(to.mutable_service_resumed());
  sender_.Emit(std::move(from));
  sender_.Emit(std::move(to));
  LeaveHospital(*person, on + days, days);
}

void MunicipalitySimulation::ChangeHome(Person* person, Date on) {
  person->provider = (person->provider + 1) % static_cast<int>(homes_.size());
  v1::Event event = About(*person, on);
  event.mutable_provider_changed()->set_service_id(ServiceId(*person, 21));
  event.mutable_provider_changed()->set_service_type(21);
  event.mutable_provider_changed()->set_provider(ProviderOf(*person, 21));
  sender_.Emit(std::move(event));
}

void MunicipalitySimulation::LiveInLongStay(Person* person, Period month) {
  const int m = month.first().month();
  if (random_.Chance(0.02)) Pause(person, 21, DayIn(month));
  if (homes_.size() > 1 && random_.Chance(0.006)) ChangeHome(person, DayIn(month));
  if (options_.his1135_facts_only) return;
  AssessInLongStay(*person, month);
  PlanInLongStay(*person, month);
  if (random_.Chance(MonthlyChance(kReviewed, m))) ReviewMedicines(*person, DayIn(month), true);
  if (random_.Chance(MonthlyChance(kReconciled, m))) ReviewMedicines(*person, DayIn(month), false);
  if (random_.Chance(MonthlyChance(kSeenByDoctor, m))) {
    v1::Event event = About(*person, DayIn(month));
    event.mutable_doctor_assessment();
    sender_.Emit(std::move(event));
  }
}

void MunicipalitySimulation::LiveAtHome(Person* person, Period month) {
  const int m = month.first().month();
  if (person->has_home_care && random_.Chance(0.015)) Pause(person, 15, month.first() + random_.Below(14));
  const bool medicines = person->has_home_care || person->stay_type == 29;
  if (medicines && random_.Chance(MonthlyChance(kReconciled, m)))
    ReviewMedicines(*person, DayIn(month), false);
  if (medicines && random_.Chance(MonthlyChance(kReviewedAtHome, m)))
    ReviewMedicines(*person, DayIn(month), true);
  AssessAtHome(person, month);
  PlanAtHome(*person, month);
  const bool old = AgeOn(person->birth, month.first()) >= 67;
  if (!person->application.empty()) {
    if (person->decided_on <= month.last()) DecidePlace(person, std::max(person->decided_on, month.first()));
    return;
  }
  // Of the old at home some apply for a place each month: as many as leave the long stay.
  const double applies = stocks_.long_stay / kLongStayMonths / std::max(1.0, stocks_.home * 0.65);
  if (old && person->stay_type == 0 && random_.Chance(applies)) return ApplyForPlace(person, DayIn(month));
  // A time-limited stay lasts about three weeks, unless it is a wait.
  const double stays = stocks_.time_limited * 0.90 / 0.7 / std::max(1.0, stocks_.home);
  if (person->stay_type == 0 && random_.Chance(stays))
    TimeLimitedStay(person, DayIn(month), 3 + static_cast<int>(random_.Exponential(18)));
}

void MunicipalitySimulation::LiveMonth(Person* person, Period month) {
  if (person->busy_until > month.last()) return;  // waits for a place that is decided already
  if (person->renumbers && random_.Chance(0.1)) {
    const std::string number = numbers_->Next(person->birth, false);
    v1::Event event = About(*person, DayIn(month));
    event.mutable_identity_changed()->mutable_new_identity()->set_type(1);
    event.mutable_identity_changed()->mutable_new_identity()->set_number(number);
    sender_.Emit(std::move(event));
    person->number = number;
    person->number_type = 1;
    person->renumbers = false;
  }
  MeetServices(*person, month);
  if (person->stay_type >= 18 && person->stay_type <= 20) {
    EndTimeLimitedStay(person, month);
    if (person->stay_type == 0 && !person->application.empty() && person->decided_on <= month.last())
      DecidePlace(person, std::max(person->decided_on, month.first()));
    return;
  }
  if (person->leaves <= month.last()) {
    const bool dies = person->stay_type == 21
                          ? random_.Chance(0.95)
                          : AgeOn(person->birth, month.first()) >= 67 && random_.Chance(0.55);
    return Leave(person, std::max({person->leaves, month.first(), person->paused_until + 1}), dies);
  }
  person->stay_type == 21 ? LiveInLongStay(person, month) : LiveAtHome(person, month);
}

void MunicipalitySimulation::Refill(Period month) {
  double long_stay = 0, housing = 0, home = 0;
  for (const Person& person : persons_) {
    long_stay += person.stay_type == 21;
    housing += person.stay_type == 29;
    home += person.stay_type != 21 && person.stay_type != 29;
  }
  const auto missing = [&](double target, double have) {
    return target > have ? random_.Around(target - have) : 0;
  };
  for (int i = missing(stocks_.home + stocks_.time_limited, home); i > 0; --i) Arrive(DayIn(month), 0, false);
  for (int i = missing(stocks_.housing, housing); i > 0; --i) {
    const Date on = DayIn(month);
    Arrive(on, 29, false);
    ApplyBefore(persons_.back(), 29, month.first(), on);
  }
  for (int i = missing(stocks_.long_stay * 0.97, long_stay); i > 0; --i) Arrive(DayIn(month), 21, false);
}

Status MunicipalitySimulation::RunMonth(Period month, bool first) {
  if (first) {
    for (int i = random_.Around(stocks_.long_stay); i > 0; --i) Arrive(month.first(), 21, true);
    for (int i = random_.Around(stocks_.housing); i > 0; --i) Arrive(month.first(), 29, true);
    for (int i = random_.Around(stocks_.home + stocks_.time_limited); i > 0; --i)
      Arrive(month.first(), 0, true);
  }
  if (split_on_ <= month.first()) {
    for (const Person& person : persons_)
      for (const uint32_t type : ServicesOf(person)) RenewService(person, type);
  }
  if (first || month.first().month() == 1) {
    EmitCapacity(month.first(), first);
    EmitInhabitants(month.first());
  }
  if (first || month.first().month() == 11) EmitWorkforce(month.first() + 14);
  const size_t living = persons_.size();
  for (size_t i = 0; i < living; ++i) LiveMonth(&persons_[i], month);
  std::erase_if(persons_, [](const Person& person) { return person.id == 0; });
  Refill(month);
  if (month.first().month() == 10) EmitSurvey(month.first() + 6);
  EmitComplete(month);
  return sender_.SendBefore(month.last() + 1);
}

Status MunicipalitySimulation::Finish() {
  return sender_.SendBefore(options_.to + 1);
}

}  // namespace kpr::simulator
