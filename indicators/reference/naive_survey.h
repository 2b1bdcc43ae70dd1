// Who was asked in a survey, and what came back. Reference only; never fast.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "indicators/reference/naive_subject.h"

namespace kpr::naive {

// Each invitation that is no reminder, with the first response before the next one; null: none. Of the
// subject.
std::vector<std::pair<const EffectiveEvent*, const EffectiveEvent*>> AskedIn(const Subject& subject,
                                                                             const std::string& instrument,
                                                                             v1::Respondent who);

}  // namespace kpr::naive
