// Who was asked in a survey, and what came back. Reference only; never fast.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "indicators/reference/naive_subject.h"
#include "kpr/v1/definition.pb.h"

namespace kpr::naive {

// Each invitation that is no reminder, with the first response before the next one; null: none. Of the
// subject.
std::vector<std::pair<const EffectiveEvent*, const EffectiveEvent*>> AskedIn(const Subject& subject,
                                                                             const std::string& instrument,
                                                                             v1::Respondent who);

// 0 where there is none. Items from 0.
int AnswerTo(const v1::SurveyResponse& response, int item);

// The index of 0 to 100 in thousandths; none where less than half of the dimension's items is answered.
// Empty: all items.
std::optional<int64_t> IndexThousandths(const v1::SurveyResponse& response, const v1::Instrument& instrument,
                                        const std::string& dimension);

}  // namespace kpr::naive
