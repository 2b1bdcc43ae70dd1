// Keys and values of findings and feedback in the store (docs/formats.md).
#pragma once

#include <string>
#include <string_view>

#include "registry/timeline/subject_state.h"

namespace kpr {

std::string SenderPrefix(uint64_t sender);
std::string EncodeFindingKey(const SubjectId& subject, const TimelineFinding& finding);
bool DecodeFindingKey(std::string_view key, TimelineFinding* finding);
std::string EncodeFeedbackKey(uint64_t sender, uint64_t number);
uint64_t FeedbackNumber(std::string_view key);
// The value is a byte (1 withdrawn) and the finding's key.
std::string EncodeFeedback(bool withdrawn, std::string_view finding_key);

}  // namespace kpr
