// A definition made ready to run: names as numbers, codes as sets. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/code_set.h"
#include "base/date.h"
#include "base/ids.h"
#include "indicators/cells/cell.h"
#include "registry/facts/fact.h"

namespace kpr {

struct Measure;  // indicators/measures

// Which facts a predicate or measure is about.
struct FactFilter {
  FactKind kind{};
  int code = -1;                                                // Fact::code; -1: any
  std::optional<int32_t> (*value)(const Fact& fact) = nullptr;  // hundredths, tested if there is one
  int32_t from = 0, to = 0;
  std::vector<std::pair<int, std::string>> diagnoses;  // system, and what the code begins with; none: any

  bool IsOfKind(const Fact& fact) const { return fact.kind == kind && (code < 0 || fact.code == code); }
  bool PassesTest(const Fact& fact) const;
};

struct PredicatePlan {
  enum class Test : uint8_t {
    kTrue,
    kAll,
    kAny,
    kNot,
    kServiceActive,
    kFactWithin,
    kAge,
    kWaiting,
    kHours,
    kDeathAt
  };
  Test test = Test::kTrue;
  std::vector<uint32_t> of;  // numbers of predicates
  CodeSet types;             // service types, or places of death
  bool pauses_interrupt = false;
  FactFilter fact;
  bool latest = false;
  int months = 0;
  int32_t from = 0, to = 0;  // years of age, or hundredths of hours
};

struct ClassPlan {
  uint32_t where = 0;
  int up_to_days = 0;
  int32_t from = 0, to = 0;
  FactFilter fact = {};  // the test of the counted fact's value, if there is one
};

struct SurveyPlan {
  uint64_t instrument = 0;
  uint16_t respondent = 0;
  std::vector<int> items;  // positions of the answers, from 0
  std::vector<bool> reversed;
  int scale_min = 0, scale_max = 0;
};

struct ComponentPlan {
  const Measure* measure = nullptr;
  SubjectKind subject = SubjectKind::kPerson;
  uint32_t slot = 0;
  bool whole_period = false;
  uint32_t where = 0;  // predicate
  MeasuringType sort = MeasuringType::kStock;
  bool sums = false;             // a stock that keeps sum and squares of its amounts, not the amounts
  bool counts_subjects = false;  // keeps how many are behind its amounts, which do not tell it
  uint32_t presences = 0;        // number among those components
  bool every_municipality = false;
  bool classes_overlap = false;
  std::vector<ClassPlan> classes;
  CodeSet serving_types;              // services that can place the person
  CodeSet serving_types_interrupted;  // of them, those that a pause interrupts
  CodeSet waiting_types;
  uint32_t places = 0;                     // number of the rule to place a person, shared where equal
  CodeSet types;                           // of the measure
  std::vector<std::pair<int, int>> terms;  // of a report: position in the fact's values, sign
  FactFilter fact;                         // of a report, a fact count or a follow-up
  FactFilter or_fact;                      // of a fact count: counted as well
  std::optional<int32_t> (*summed)(const Fact& fact) = nullptr;  // of counted facts: hundredths, whole
  std::vector<int32_t> industries;           // in the report, the code's digits; empty: all
  std::vector<int32_t> provider_industries;  // at query time
  int first_band = 0, last_band = 0;         // of inhabitants
  int near_days = 0, from_days = 0, to_days = 0;
  int follow_up_days = 0;
  bool after_end = false;    // of the services that are followed up; else after their beginning
  FactKind after_fact{};     // what is followed up in place of services, if there is one
  bool comes_again = false;  // is what is looked for after them, not a fact
  int last_days = 0;         // of life
  SurveyPlan survey;

  // Whether subjects are counted once in each period, not on its last day.
  bool SubjectsByPeriod() const { return whole_period || sort != MeasuringType::kStock; }
};

struct IndicatorPlan {
  uint32_t number = 0;  // of id and version; first step of the cell key
  std::vector<PeriodKind> periods;
  std::vector<ComponentPlan> components;
  int64_t unit = 1;  // amounts of denominator and numerator per one: 100 where reports take step
  bool histogram = false;
  // Of the facts it is about, where not all senders have them: who does not tell them all is not reported,
  // and in no sum. See own_coverage.h.
  std::set<int> own_coverage;

  MeasuringType MeasuringTypeOf(uint32_t slot) const;
  bool has(PeriodKind kind) const;
};

// One component to run over one period.
struct PlanStep {
  const IndicatorPlan* indicator = nullptr;
  const ComponentPlan* component = nullptr;
  ReferencePeriod period = ReferencePeriod::kLastDay;
  bool subjects = false;  // how many subjects, not the amount

  // Run on the observations of its period, one after the other.
  bool OnGrid() const { return subjects || component->sort == MeasuringType::kStock; }
};

}  // namespace kpr
