// What the measures of surveys share: who was invited by an instrument, and who answered. Pure.
#pragma once

#include "indicators/measures/measure.h"
#include "registry/facts/survey_facts.h"
#include "registry/timeline/survey_rounds.h"

namespace kpr {

// The instrument's items that the measure is about: those of the dimension (empty: all), or one, from 1.
inline SurveyPlan SurveyOf(const v1::Instrument& instrument, v1::Respondent respondent,
                           const std::string& dimension, uint32_t only_item) {
  SurveyPlan plan;
  plan.instrument = InstrumentNumber(instrument.id());
  plan.respondent = static_cast<uint16_t>(respondent);
  plan.scale_min = static_cast<int>(instrument.scale_min());
  plan.scale_max = static_cast<int>(instrument.scale_max());
  for (int i = 0; i < instrument.items_size(); ++i) {
    if (!dimension.empty() && instrument.items(i).dimension() != dimension) continue;
    if (only_item != 0 && static_cast<uint32_t>(i) + 1 != only_item) continue;
    plan.items.push_back(i);
    plan.reversed.push_back(instrument.items(i).reversed());
  }
  return plan;
}

inline std::set<FactKind> FactsOfSurveys(const v1::Component&) {
  return {FactKind::kSurveyInvitation, FactKind::kSurveyResponse};
}

// Counts each invitation, and the response to it if there is one; count(key, month, response or null) does
// the rest.
template <typename Count>
void EvaluateInvitations(const PlanStep& step, Evaluation* evaluation, Count count) {
  const SurveyPlan& survey = step.component->survey;
  for (const SurveyRound& round : SurveyRoundsOf(evaluation->state().effective).rounds) {
    const Fact& invitation = *round.invitation;
    const SurveyFact asked{invitation};
    if (asked.instrument() != survey.instrument || asked.respondent() != survey.respondent) continue;
    if (!evaluation->InRange(invitation.occurred_on)) continue;
    const CellPlace place = CellPlace::At(invitation.municipality, invitation.provider);
    const CellKey key = evaluation->KeyOf(step, place, invitation.occurred_on);
    const int month = MonthOf(invitation.occurred_on);
    evaluation->Emit(key, month, slot::kInvited, 1);
    if (round.response != nullptr) evaluation->Emit(key, month, slot::kResponded, 1);
    count(key, month, round.response);
  }
}

// The same of those who answered: count(key, month, response).
template <typename Count>
void EvaluateResponses(const PlanStep& step, Evaluation* evaluation, Count count) {
  EvaluateInvitations(step, evaluation, [&](const CellKey& key, int month, const Fact* response) {
    if (response != nullptr) count(key, month, SurveyFact{*response});
  });
}

}  // namespace kpr
