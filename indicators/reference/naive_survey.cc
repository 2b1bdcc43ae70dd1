#include "indicators/reference/naive_survey.h"

#include <algorithm>

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

}  // namespace kpr::naive
