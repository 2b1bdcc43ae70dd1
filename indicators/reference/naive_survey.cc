#include "indicators/reference/naive_survey.h"

#include <algorithm>
#include <cmath>

namespace kpr::naive {

std::vector<std::pair<const EffectiveEvent*, const EffectiveEvent*>> AskedIn(const Subject& subject,
                                                                             const std::string& instrument,
                                                                             v1::Respondent who) {
  std::vector<const EffectiveEvent*> asked, answered;
  for (const EffectiveEvent& t : subject.events) {
    const auto& i = t.e->survey_invitation();
    const auto& r = t.e->survey_response();
    if (t.e->has_survey_response() && r.instrument() == instrument && r.respondent() == who)
      answered.push_back(&t);
    if (!t.e->has_survey_invitation() || i.instrument() != instrument || i.respondent() != who) continue;
    const bool reminder =
        !asked.empty() && (t.on.year() == asked.back()->on.year() || t.on - asked.back()->on < 91);
    if (!reminder) asked.push_back(&t);
  }
  std::vector<std::pair<const EffectiveEvent*, const EffectiveEvent*>> all;
  for (size_t k = 0; k < asked.size(); ++k) {
    const Date from = asked[k]->on, until = k + 1 < asked.size() ? asked[k + 1]->on : kNoEnd;
    const auto answer = std::find_if(answered.begin(), answered.end(),
                                     [&](const EffectiveEvent* t) { return from <= t->on && t->on < until; });
    all.emplace_back(asked[k], answer == answered.end() ? nullptr : *answer);
  }
  return all;
}

int AnswerTo(const v1::SurveyResponse& response, int item) {
  return item < response.answers_size() ? static_cast<int>(response.answers(item)) : 0;
}

std::optional<int64_t> IndexThousandths(const v1::SurveyResponse& response, const v1::Instrument& instrument,
                                        const std::string& dimension) {
  const int64_t low = instrument.scale_min(), high = instrument.scale_max();
  int64_t points = 0, answered = 0, items = 0;
  for (int i = 0; i < instrument.items_size(); ++i) {
    if (!dimension.empty() && instrument.items(i).dimension() != dimension) continue;
    ++items;
    int64_t x = AnswerTo(response, i);
    if (x < low || x > high) continue;
    if (instrument.items(i).reversed()) x = high + low - x;
    points += x - low;
    ++answered;
  }
  if (answered == 0 || answered * 2 < items) return std::nullopt;
  const auto range = static_cast<long double>((high - low) * answered);
  return static_cast<int64_t>(std::floor(static_cast<long double>(points) * 100000.0L / range + 0.5L));
}

}  // namespace kpr::naive
