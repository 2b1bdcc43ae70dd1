// One subject as the naive batch sees it: its effective events in order, and what its services were. Written
// without the engine's fold, so that each checks the other. Reference only; never fast.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/date.h"
#include "kpr/v1/event.pb.h"

namespace kpr::naive {

// An event and whose it is: only its owner's corrections are about it.
struct OwnedEvent {
  v1::Event event;
  std::string owner;
};

struct EffectiveEvent {
  const v1::Event* e = nullptr;
  Date on;
  uint64_t owner = 0;  // by which owners are in order on one day
};

struct Stay {
  const v1::ServiceStarted* start = nullptr;
  Date first, last = kNoEnd;
  std::string municipality;
  std::tuple<uint64_t, uint64_t, std::string> event;  // owner, sequence and id of the one that began it
  std::vector<std::pair<Date, std::string>> providers;
  std::vector<std::tuple<Date, Date, std::string>> pauses;  // [from, until) and id
};

// The effective ones among all events events of one subject: first copy of each id of an owner, then the
// highest sequence about each original that exists, unless that annuls it.
std::vector<const OwnedEvent*> Effective(const std::vector<const OwnedEvent*>& events);
// FNV-1a 64 of the owner's name.
uint64_t RankOfOwner(const OwnedEvent& event);

class Subject {
 public:
  explicit Subject(const std::vector<const OwnedEvent*>& effective);

  std::vector<EffectiveEvent> events;  // by date
  std::vector<Stay> stays;
  std::optional<Date> birth;
  Date death = kNoEnd;
  int death_place = 0, sex = 0;
  bool person = false, respondent = false, provider = false, municipality = false;
  std::set<int> test_years;  // reported from five municipalities or more

  Date first_day() const { return events.empty() ? kNoEnd : events.front().on; }
  // After this day nothing is counted any more.
  Date last_day() const;
  Date Leaves(const Stay& stay) const { return std::min(stay.last, death); }
  bool GivenOn(const Stay& stay, Date day, bool pauses_interrupt) const;
  bool GivenAnyDay(const Stay& stay, Date first, Date last, bool pauses_interrupt) const;
  static std::string ProviderOn(const Stay& stay, Date day);
  bool OpenApplication(const EffectiveEvent& events, const std::set<uint32_t>& types, Date day) const;
  bool DeclinedBy(const std::string& application, Date day) const;

 private:
  void Take(const EffectiveEvent& events);
  Stay* Running(const std::string& service);
  bool EndsToday(const EffectiveEvent& pause);

  std::set<const v1::Event*> used_;  // resumptions that have ended a pause
};

}  // namespace kpr::naive
