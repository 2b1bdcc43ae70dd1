// Who was invited by an instrument, in two classes: who answered, and who did not.
#include <fmt/format.h>

#include "indicators/measures/survey_answers.h"
#include "indicators/measures/words.h"

namespace kpr {
namespace {

constexpr uint32_t kAnswered = 0, kNotAnswered = 1;  // places of the classes

bool HasTest(v1::Class c) {
  c.clear_id();
  c.clear_title();
  return c.ByteSizeLong() > 0;
}

std::string Check(const v1::Component& c) {
  const auto& s = c.survey_participation();
  if (s.instrument().empty() || s.respondent() == 0)
    return "instrument and respondent of the survey_participation";
  if (c.classes_size() != 2 || c.classes(kAnswered).id() != "answered" ||
      c.classes(kNotAnswered).id() != "not_answered")
    return "the classes 'answered' and 'not_answered' of the survey_participation";
  if (HasTest(c.classes(kAnswered)) || HasTest(c.classes(kNotAnswered)))
    return "classes of the survey_participation without a test: they are who answered and who did not";
  return "";
}

std::string CheckInstrument(const v1::Component& c, Instruments instruments) {
  const std::string& id = c.survey_participation().instrument();
  return FindInstrument(instruments, id) != nullptr ? ""
                                                    : fmt::format("no instrument '{}' in the catalogue", id);
}

void Compile(const v1::Component& c, Instruments instruments, ComponentPlan* plan) {
  const auto& s = c.survey_participation();
  plan->survey = SurveyOf(*FindInstrument(instruments, s.instrument()), s.respondent(), "", 0);
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  EvaluateInvitations(step, evaluation, [&](const CellKey& key, int month, const Fact* response) {
    evaluation->Emit(key, month, step.component->slot, 1);
    evaluation->Emit(key, month, slot::kClassBase + (response != nullptr ? kAnswered : kNotAnswered), 1);
  });
}

std::string Describe(const v1::Component& c) {
  const auto& s = c.survey_participation();
  return fmt::format("invitations to {} of {}", s.instrument(),
                     Words(v1::Respondent_Name(s.respondent()), "RESPONDENT_"));
}

}  // namespace

extern const Measure kSurveyParticipation;
const Measure kSurveyParticipation = {
    .field = v1::Component::kSurveyParticipation,
    .subjects = {v1::SUBJECT_TYPE_RESPONDENT},
    .sort = Always<MeasuringType::kFlow>,
    .classes = true,
    .check = Check,
    .check_instrument = CheckInstrument,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe = Describe,
    .facts = FactsOfSurveys,
};

}  // namespace kpr
