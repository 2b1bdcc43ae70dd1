// Who may be given out at all. Pure.
#pragma once

#include "registry/timeline/subject_state.h"

namespace kpr::extract {

// Not: another identity of someone, a test person in a year of the days, or a person who has reserved
// themselves against research or registration. Who has done so still counts in statistics.
bool MayBeGiven(const SubjectState& state, Date first, Date last);
// By their number to who has another register: not those either who have reserved themselves against that.
bool MayBeLinked(const SubjectState& state, Date first, Date last);

}  // namespace kpr::extract
