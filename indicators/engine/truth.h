// On which looks of an axis each predicate holds for one subject. Every predicate is worked out once per
// axis. Used by the engine alone.
#pragma once

#include <vector>

#include "indicators/engine/axis.h"
#include "indicators/engine/plan.h"
#include "registry/timeline/history.h"

namespace kpr {

class Truth {
 public:
  explicit Truth(const Plan* plan);

  // From here on answers are about `history` on `axis`; both outlive the next call of About.
  void About(const History& history, const Axis& axis);
  const PositionSet& Of(uint32_t predicate);
  // Adds the looks on which the spell is active.
  void AddActive(const Spell& spell, bool pauses_interrupt, PositionSet* looks) const;
  // Hours granted in the active services of the types, hundredths, per look.
  const std::vector<int32_t>& Hours(uint32_t types);

 private:
  void Compute(uint32_t predicate);
  void Service(const PredicatePlan& p, PositionSet* looks) const;
  void FactsWithin(const PredicatePlan& p, PositionSet* looks) const;
  void Age(const PredicatePlan& p, PositionSet* looks) const;
  void Waiting(const PredicatePlan& p, PositionSet* looks) const;

  const Plan* plan_;
  const History* history_ = nullptr;
  const Axis* axis_ = nullptr;
  std::vector<PositionSet> sets_;
  std::vector<uint64_t> computed_;  // the turn in which each set was worked out
  uint64_t turn_ = 0;
  std::vector<int32_t> hours_;
};

// The last day a service counts: its own, or the person's.
Date LastDay(const Spell& spell, const History& history);
// The first day on which the application is no longer open; a stay of one of the types closes it.
Date Closing(const History& history, const Fact& application, uint32_t types);
// The first day on which a fact no longer lies within the last n months.
Date Expiry(Date fact, int months);
// The first day of that age.
Date Birthday(Date birth, int age);
// Whether an application or grant has been declined by the day.
bool DeclinedBy(const History& history, uint64_t application, Date day);

}  // namespace kpr
