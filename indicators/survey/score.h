// Scoring of questionnaires. Pure; integers only, so that sums are exact and free of order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kpr {

// Index 0 to 100 in thousandths, rounded half up: reverse, put each item on 0 to 100, and take the mean of
// the answered items if at least half of all are answered (the half rule of the EORTC family). An answer
// outside [scale_min, scale_max], as 0, is no answer. `reversed`: one for each answer.
std::optional<int64_t> SurveyIndexThousandths(std::span<const int> answers, const std::vector<bool>& reversed,
                                              int scale_min, int scale_max);

}  // namespace kpr
