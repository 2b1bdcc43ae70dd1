// Whether a predicate holds for a subject over [first, day], read off the definition. Reference only.
#pragma once

#include "indicators/reference/naive_subject.h"
#include "kpr/v1/definition.pb.h"

namespace kpr::naive {

bool Holds(const Subject& s, const v1::Predicate& p, Date first, Date day);
bool Matches(const v1::Event& e, v1::FactType type);
bool PassesValueTest(const v1::Event& e, const v1::ValueTest& test);
// What the event adds to such a count: one, or the value that is summed; 0 if it does not count.
int64_t CountedIn(const v1::Event& e, const v1::FactCount& count);
// Mean of the scores other than 9 in hundredths, rounded half up; empty where there are none.
std::optional<int> MeanScoreHundredths(const v1::FunctionAssessment& assessment);
// Granted a week in services given on any of the days, hundredths.
int64_t HoursIn(const Subject& s, const std::set<uint32_t>& types, Date first, Date day);

template <typename Types>
std::set<uint32_t> SetOf(const Types& types) {
  return {types.begin(), types.end()};
}

}  // namespace kpr::naive
