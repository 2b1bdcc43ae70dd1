// On which observations of a grid each predicate holds for one subject. Every predicate is worked out once
// per grid.
#pragma once

#include <vector>

#include "indicators/evaluation/component_plan.h"
#include "indicators/evaluation/observation_grid.h"
#include "registry/timeline/subject_state.h"

namespace kpr {

class PredicateEvaluator {
 public:
  // `predicates` outlives this: children before parents.
  explicit PredicateEvaluator(const std::vector<PredicatePlan>* predicates);

  // From here on answers are about `state` on `grid`; both outlive the next call of SetSubject.
  void SetSubject(const SubjectState& state, const ObservationGrid& grid);
  const BitSet& Of(uint32_t predicate);
  // Adds the observations on which the spell is active.
  void AddActive(const Spell& spell, bool pauses_interrupt, BitSet* observations) const;
  // Hours granted in the active services of the types, hundredths, per observation.
  const std::vector<int32_t>& Hours(const CodeSet& types);

 private:
  void Compute(uint32_t predicate);
  void Service(const PredicatePlan& p, BitSet* observations) const;
  void FactsWithin(const PredicatePlan& p, BitSet* observations) const;
  void Age(const PredicatePlan& p, BitSet* observations) const;
  void Waiting(const PredicatePlan& p, BitSet* observations) const;

  const std::vector<PredicatePlan>* predicates_;
  const SubjectState* state_ = nullptr;
  const ObservationGrid* grid_ = nullptr;
  std::vector<BitSet> sets_;
  std::vector<uint64_t> computed_;  // the turn in which each set was computed
  uint64_t turn_ = 0;
  std::vector<int32_t> hours_;
};

// The last day a service counts: its own, or the person's.
Date LastDay(const Spell& spell, const SubjectState& state);
// The first day on which the application is no longer open; a stay of one of the types closes it.
Date Closing(const SubjectState& state, const Fact& application, const CodeSet& types);
// The first day on which a fact no longer lies within the last n months.
Date Expiry(Date fact, int months);
// The first day of that age.
Date Birthday(Date birth, int age);
// Whether an application or grant has been declined by the day.
bool DeclinedBy(const SubjectState& state, uint64_t application, Date day);

}  // namespace kpr
