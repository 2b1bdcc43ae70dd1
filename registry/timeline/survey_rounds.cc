#include "registry/timeline/survey_rounds.h"

#include <map>

#include "registry/facts/survey_facts.h"

namespace kpr {
namespace {

constexpr int kReminderDays = 90;

bool IsReminder(const Fact& invitation, const Fact& counted) {
  return invitation.occurred_on.year() == counted.occurred_on.year() ||
         invitation.occurred_on - counted.occurred_on <= kReminderDays;
}

}  // namespace

SurveyRounds SurveyRoundsOf(const std::vector<Fact>& effective) {
  SurveyRounds found;
  std::map<std::pair<uint64_t, uint16_t>, size_t> latest;  // round, by instrument and kind of respondent
  for (const Fact& fact : effective) {
    if (!IsSurveyFact(fact.kind)) continue;
    const auto key = std::pair(SurveyFact{fact}.instrument(), SurveyFact{fact}.respondent());
    const auto it = latest.find(key);
    SurveyRound* round = it == latest.end() ? nullptr : &found.rounds[it->second];
    if (fact.kind == FactKind::kSurveyInvitation) {
      if (round != nullptr && IsReminder(fact, *round->invitation)) continue;
      latest[key] = found.rounds.size();
      found.rounds.push_back({&fact, nullptr});
    } else if (round == nullptr) {
      found.uninvited.push_back(&fact);
    } else if (round->response != nullptr) {
      found.repeated.emplace_back(&fact, round->response);
    } else {
      round->response = &fact;
    }
  }
  return found;
}

}  // namespace kpr
