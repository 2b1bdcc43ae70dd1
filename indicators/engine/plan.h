// A definition made ready to run: code sets as bit masks, names as numbers. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/ids.h"
#include "indicators/definition/definition.h"

namespace kpr {

PeriodKind ToPeriodKind(v1::PeriodUnit unit);

struct PredicatePlan {
  enum class Test : uint8_t { kTrue, kAll, kAny, kNot, kServiceActive, kFactWithin, kAge, kWaiting };
  Test test = Test::kTrue;
  std::vector<PredicatePlan> of;
  uint32_t types = 0;  // bit per service type
  bool pauses_interrupt = false;
  v1::FactType fact = v1::FACT_TYPE_UNSPECIFIED;
  int months = 0;
  int age_from = 0, age_to = 0;
};

struct ClassPlan {
  PredicatePlan where;
  int up_to_days = 0;
};

struct ComponentPlan {
  enum class Measure : uint8_t { kOne, kStayDays, kCapacity, kWaitingTime, kSurveyIndex };
  SubjectKind subject = SubjectKind::kPerson;
  uint32_t slot = 0;
  bool whole_period = false;
  PredicatePlan where;
  Measure measure = Measure::kOne;
  bool every_municipality = false;
  bool classes_overlap = false;
  std::vector<ClassPlan> classes;
  uint32_t serving_types = 0;              // services that can place the person
  uint32_t serving_types_interrupted = 0;  // of them, those that a pause interrupts
  uint32_t waiting_types = 0;
  uint32_t types = 0;                               // of the measure
  std::vector<std::pair<int, int>> capacity_terms;  // position in the fact's values, sign
  std::vector<int32_t> industries;                  // of capacity, the code's digits; empty: all
  uint64_t instrument = 0;
  uint16_t respondent = 0;
  int items = 0, scale_min = 0, scale_max = 0;
  uint32_t reversed = 0;  // bit per item, from bit 1
};

struct IndicatorPlan {
  uint32_t number = 0;  // of id and version; first part of the cell key
  std::vector<PeriodKind> periods;
  std::vector<ComponentPlan> components;
  int64_t unit = 1;  // amounts of denominator and numerator per one: 100 where places take part
  bool histogram = false;
};

struct Plan {
  Plan() = default;
  Plan(Plan&&) = default;
  Plan& operator=(Plan&&) = default;  // no copies: parts point into indicators

  // What is to be run for subjects of one kind and periods of one kind, in the order of the catalogue.
  using Parts = std::vector<std::pair<const IndicatorPlan*, const ComponentPlan*>>;

  Catalogue catalogue;
  std::vector<IndicatorPlan> indicators;  // one for each definition, same order
  const Parts& PartsOf(PeriodKind period, SubjectKind subject) const {
    return parts_[static_cast<size_t>(period)][static_cast<size_t>(subject)];
  }
  // The position of a definition, newest version if 0; -1 if there is none.
  int Find(const std::string& id, uint32_t version = 0) const;

 private:
  friend Result<Plan> Compile(Catalogue catalogue);
  std::array<std::array<Parts, 5>, 4> parts_;  // point into indicators, whose elements a move leaves in place
};

// The first part of its cells' keys: stored, so it never changes.
uint32_t IndicatorNumber(const v1::Definition& definition);
Result<Plan> Compile(Catalogue catalogue);

}  // namespace kpr
