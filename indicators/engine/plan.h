// The definitions of a catalogue made ready to run, equal predicates found once. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/swappable.h"
#include "indicators/definition/catalogue.h"
#include "indicators/evaluation/component_plan.h"
#include "registry/codelists/code_ends.h"

namespace kpr {

PeriodKind ToPeriodKind(v1::PeriodUnit unit);

// Days after services begin or end, or after facts, on which something is counted.
struct Deadline {
  CodeSet types;
  bool after_end = false;
  FactKind after_fact{};  // in place of services, if there is one
  int days = 0;
};

struct Plan {
  Plan() = default;
  Plan(Plan&&) = default;
  Plan& operator=(Plan&&) = default;  // no copies: steps point into indicators

  Catalogue catalogue;
  CodeEnds code_ends;                        // of the edition in use when it was compiled
  std::vector<IndicatorPlan> indicators;     // one for each definition, same order
  std::vector<PredicatePlan> predicates;     // 0 is "true"; children before parents
  uint32_t places = 0;                       // ways to place a person
  uint32_t presences = 0;                    // components that count subjects
  std::vector<Deadline> deadlines;           // of follow-ups
  std::set<FactKind> counted_facts;          // whose subjects are counted
  std::set<int> ages;                        // at which a predicate or band changes
  std::map<FactKind, std::set<int>> months;  // after which a fact of the kind no longer counts

  // What is to be run for subjects of one kind over one period, in the order of the catalogue.
  const std::vector<PlanStep>& StepsOf(SubjectKind subject) const {
    return steps_[static_cast<size_t>(subject)];
  }
  // The position of a definition, newest version if 0; -1 if there is none.
  int Find(const std::string& id, uint32_t version = 0) const;

 private:
  friend Result<Plan> Compile(Catalogue catalogue);
  std::array<std::vector<PlanStep>, 5>
      steps_;  // point into indicators, whose elements a move leaves in place
};

using PlanHolder = Swappable<Plan>;

// The first part of its cells' keys: stored, so it never changes. Odd.
uint32_t IndicatorNumber(const v1::Definition& definition);
// kInvalid: a survey names an instrument the catalogue has not.
Result<Plan> Compile(Catalogue catalogue);

}  // namespace kpr
