// The care of one municipality, day facts by month: who comes, what they get, how they leave. Holds the
// living recipients only, so ten years cost no more memory than one.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "ingest/simulator/identity.h"
#include "ingest/simulator/sender.h"

namespace kpr::simulator {

// Recipients on a day that the municipality should have, by living situation. Rates of the country: see
// docs/simulator.md.
struct Stocks {
  double long_stay = 0, time_limited = 0, housing = 0, home = 0;
};
// The municipality's part of the country of 2021, times scale.
Stocks StocksOf(Municipality municipality, double scale);

// Mean long stay; with it their number holds.
inline constexpr double kLongStayMonths = 26;

// Of a service that begins then: housing has code 12 where it begins before 2019.
uint32_t CodeOf(uint32_t type, Date begins);

struct Questionnaire {
  const char* instrument;
  bool relatives;
  int items, most;  // answers from 1
  uint32_t reversed;
};

class MunicipalitySimulation {
 public:
  MunicipalitySimulation(Municipality municipality, uint32_t index, const Options& options,
                         IdentityNumbers* numbers, Sender::Take take);
  // Simulates one calendar month and sends what is due in it.
  Status RunMonth(Period month, bool first);
  // Sends what is still to be sent, however late.
  Status Finish();
  uint64_t sent() const { return sender_.sent(); }

 private:
  struct Person {
    std::string number;
    uint32_t number_type = 1;
    uint32_t id = 0;
    Date birth, leaves;  // leaves: the last service ends
    bool female = false;
    int provider = -1;       // of the stay
    uint32_t stay_type = 0;  // 18..21, 29 or 0
    Date stay_ends;          // of a time-limited stay
    bool has_home_care = false, has_help = false, has_alarm = false;
    bool renumbers = false;
    uint32_t extra = 0;  // bit per further service type
    int needs = 2;       // typical function score
    Date paused_until;
    Date busy_until;          // facts up to this day are emitted already
    std::string application;  // for a long stay, not decided yet
    Date decided_on;
  };

  v1::Event About(const Person& person, Date on) const;
  std::string ServiceId(const Person& person, uint32_t type) const;
  std::string ProviderOf(const Person& person, uint32_t type) const;
  void Start(Person* person, uint32_t type, Date on);
  void EmitStart(const Person& person, uint32_t type, Date on);
  void End(const Person& person, uint32_t type, Date on);
  std::vector<uint32_t> ServicesOf(const Person& person) const;
  // Ends it under the code that is split, where it began before that, and starts it under the one that
  // follows.
  void RenewService(const Person& person, uint32_t type);
  void EmitEnd(const Person& person, uint32_t type, Date on);
  void Arrive(Date on, uint32_t stay_type, bool already_running);
  void EmitDetails(const Person& person, Date on, bool dead);
  void Leave(Person* person, Date on, bool dies);
  void LiveMonth(Person* person, Period month);
  void LiveInLongStay(Person* person, Period month);
  void LiveAtHome(Person* person, Period month);
  void ApplyForPlace(Person* person, Date on);
  void DecidePlace(Person* person, Date on);
  int DaysFromGrantToStay();
  void EmitApplication(const Person& person, Date on, const std::string& application, uint32_t type);
  void EmitGrant(const Person& person, Date on, const std::string& application, uint32_t type);
  void EmitDecline(const Person& person, Date on, const std::string& application, uint32_t type,
                   v1::PlaceDeclined::By by);
  void TimeLimitedStay(Person* person, Date on, int days);
  void EndTimeLimitedStay(Person* person, Period month);
  void Pause(Person* person, uint32_t type, Date on);
  void ChangeHome(Person* person, Date on);
  void EmitCapacity(Date on, bool first);
  // Assessments and plans, see municipality_facts.cc; places and stays, see municipality_stays.cc.
  void Emit(const Person& person, Date on, const std::function<void(v1::Event*)>& fill);
  void StartExtraServices(Person* person, Date on);
  void EndExtraServices(Person* person, Date on);
  std::vector<uint32_t> ExtraServicesOf(const Person& person) const;
  void EmitFunction(const Person& person, Date on);
  void AssessInLongStay(const Person& person, Period month);
  void AssessAtHome(Person* person, Period month);
  void ReviewMedicines(const Person& person, Date on, bool full);
  void ReviewAfterAdmission(const Person& person, Date on, int days);
  void EmergencyStay(const Person& person, Date on);
  // Hospital, medicines, plans and applications beside those for institutions, see municipality_health.cc.
  void LeaveHospital(const Person& person, Date on, int longest);
  void ComeFromHospital(const Person& person, Date on);
  void ListMedicines(const Person& person, Date on, bool at_home);
  void PlanInLongStay(const Person& person, Period month);
  void PlanAtHome(const Person& person, Period month);
  void ApplyInVain(const Person& person, uint32_t type, Date on);
  void ApplyBefore(const Person& person, uint32_t type, Date since, Date on);
  // Contacts with other health services, see municipality_contacts.cc.
  void MeetServices(const Person& person, Period month);
  void EmitContact(const Person& person, Date on, v1::Contact::Service service, int waited_days = -1);
  void EmitInhabitants(Date on);
  void EmitWorkforce(Date on);
  void FillProfessions(double staff, v1::Workforce* workforce) const;
  void FillPlacesByKind(double places, bool first, v1::Capacity* capacity) const;
  void EmitComplete(Period month);
  void EmitSurvey(Date on);
  void EmitAnswers(const Questionnaire& questionnaire, const Person& person, Date on);
  void Refill(Period month);
  Date DayIn(Period month);

  Options options_;
  Municipality municipality_;
  Random random_, health_random_;
  IdentityNumbers* numbers_;
  Sender sender_;
  Stocks stocks_;
  std::vector<std::string> homes_, home_services_;
  std::vector<Person> persons_;
  Date split_on_ = kNoEnd;  // when the code before the municipality's was split, if it was
  std::map<std::pair<uint32_t, uint32_t>, Date> since_;  // by person and type, of services that run
  uint32_t next_person_ = 1, next_local_ = 1, next_respondent_ = 1;
};

}  // namespace kpr::simulator
