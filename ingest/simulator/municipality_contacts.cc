// Contacts with general practitioners and other health services of those who have care services. What
// inhabitants without them have is not told.
#include <algorithm>

#include "ingest/simulator/municipality.h"

namespace kpr::simulator {
namespace {

struct ContactService {
  v1::Contact::Service service;
  double child, adult, old;  // shares of the contacts at 0-17, 18-66, 67 and over
  int waited_days;           // mean, from referral to the first contact; 0: not referred
};
constexpr ContactService kContactServices[] = {
    {v1::Contact::SERVICE_GENERAL_PRACTITIONER, 0.30, 0.46, 0.60, 0},
    {v1::Contact::SERVICE_OUT_OF_HOURS, 0.10, 0.08, 0.09, 0},
    {v1::Contact::SERVICE_PHYSIOTHERAPY, 0.08, 0.18, 0.22, 45},
    {v1::Contact::SERVICE_CHILD_HEALTH_CLINIC, 0.16, 0.01, 0.00, 0},
    {v1::Contact::SERVICE_SCHOOL_HEALTH, 0.18, 0.01, 0.00, 0},
    {v1::Contact::SERVICE_PSYCHOLOGIST, 0.05, 0.05, 0.01, 60},
    {v1::Contact::SERVICE_DENTAL, 0.11, 0.09, 0.07, 0},
    {v1::Contact::SERVICE_MENTAL_HEALTH_AND_SUBSTANCE_USE, 0.02, 0.12, 0.01, 30}};
constexpr double kFirstAfterReferral = 0.2;  // of contacts with services that take referrals

}  // namespace

void MunicipalitySimulation::MeetServices(const Person& person, Period month) {
  if (options_.contacts <= 0 || options_.his1135_facts_only) return;
  const int age = AgeOn(person.birth, month.first());
  const auto share = [&](const ContactService& s) { return age < 18 ? s.child : age < 67 ? s.adult : s.old; };
  for (int left = random_.Around(options_.contacts / 12); left > 0; --left) {
    double luck = random_.Unit();
    for (const ContactService& s : kContactServices) {
      luck -= share(s);
      if (luck >= 0) continue;
      const bool first = s.waited_days > 0 && random_.Chance(kFirstAfterReferral);
      EmitContact(person, DayIn(month), s.service,
                  first ? static_cast<int>(random_.Exponential(s.waited_days)) : -1);
      break;
    }
  }
}

void MunicipalitySimulation::EmitContact(const Person& person, Date on, v1::Contact::Service service,
                                         int waited_days) {
  if (options_.his1135_facts_only) return;
  Emit(person, on, [&](v1::Event* e) {
    e->mutable_contact()->set_service(service);
    if (waited_days >= 0) e->mutable_contact()->set_referred_on((on - waited_days).ToString());
  });
}

}  // namespace kpr::simulator
