#include "indicators/survey/score.h"

namespace kpr {

std::optional<int64_t> SurveyIndexThousandths(std::span<const int> answers, const std::vector<bool>& reversed,
                                              int scale_min, int scale_max) {
  int64_t answered = 0, points = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const int answer = answers[i];
    if (answer < scale_min || answer > scale_max) continue;
    ++answered;
    points += reversed[i] ? scale_max - answer : answer - scale_min;
  }
  if (answered == 0 || 2 * answered < static_cast<int64_t>(answers.size())) return std::nullopt;
  const int64_t range = int64_t{scale_max - scale_min} * answered;
  return (2 * points * 100'000 + range) / (2 * range);
}

}  // namespace kpr
