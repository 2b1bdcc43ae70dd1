// What predicates and measures ask of one subject's history. Used by evaluate.cc alone.
#pragma once

#include <optional>

#include "indicators/engine/plan.h"
#include "registry/timeline/history.h"

namespace kpr {

// The days looked at: [first, day]; first == day for "the last day".
struct Window {
  Date first;
  Date day;
};

class PersonView {
 public:
  explicit PersonView(const History& history) : history_(history) {}

  bool Holds(const PredicatePlan& predicate, Window window) const;
  // The last day a service counts: its own, or the person's.
  Date LastDay(const Spell& spell) const { return std::min(spell.end, history_.death); }
  bool Active(const Spell& spell, Window window, bool pauses_interrupt) const;
  // Whether an application for one of the types is open on the day.
  bool Waiting(const Fact& application, uint32_t types, Date day) const;
  // Whether an application or grant has been declined by the day.
  bool Declined(const Fact& application, Date day) const;
  const History& history() const { return history_; }

 private:
  bool HasFact(v1::FactType fact, Date after, Date until) const;

  const History& history_;
};

}  // namespace kpr
