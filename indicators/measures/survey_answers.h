// What the two measures of surveys share: who was invited by an instrument, and who answered. Pure.
#pragma once

#include <algorithm>

#include "indicators/measures/measure.h"
#include "registry/facts/survey_facts.h"

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

// Counts the invitation, and the response if there is one; count(key, month, response) does the rest.
template <typename Count>
void EvaluateSurvey(const PlanStep& step, Evaluation* evaluation, Count count) {
  const SurveyPlan& survey = step.component->survey;
  const auto& facts = evaluation->state().effective;
  const auto find = [&](FactKind kind) {
    return std::find_if(facts.begin(), facts.end(), [&](const Fact& fact) {
      return fact.kind == kind && SurveyFact{fact}.instrument() == survey.instrument &&
             SurveyFact{fact}.respondent() == survey.respondent;
    });
  };
  const auto invitation = find(FactKind::kSurveyInvitation);
  if (invitation == facts.end() || !evaluation->InRange(invitation->occurred_on)) return;
  const CellPlace place = CellPlace::At(invitation->municipality, invitation->provider);
  const CellKey key = evaluation->KeyOf(step, place, invitation->occurred_on);
  const int month = MonthOf(invitation->occurred_on);
  evaluation->Emit(key, month, slot::kInvited, 1);
  const auto response = find(FactKind::kSurveyResponse);
  if (response == facts.end()) return;
  evaluation->Emit(key, month, slot::kResponded, 1);
  count(key, month, SurveyFact{*response});
}

}  // namespace kpr
