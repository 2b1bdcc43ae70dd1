// Who answered one item of an instrument, in classes by the answer.
#include <fmt/format.h>

#include "indicators/measures/survey_answers.h"
#include "indicators/measures/words.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  const auto& s = c.survey_item();
  if (s.instrument().empty() || s.respondent() == 0 || s.item() == 0)
    return "instrument, respondent and item of the survey_item";
  return "";
}

std::string CheckInstrument(const v1::Component& c, Instruments instruments) {
  const auto& s = c.survey_item();
  const v1::Instrument* instrument = FindInstrument(instruments, s.instrument());
  if (instrument == nullptr) return fmt::format("no instrument '{}' in the catalogue", s.instrument());
  if (s.item() > static_cast<uint32_t>(instrument->items_size()))
    return fmt::format("instrument '{}' has {} items", s.instrument(), instrument->items_size());
  return "";
}

void Compile(const v1::Component& c, Instruments instruments, ComponentPlan* plan) {
  const auto& s = c.survey_item();
  plan->survey = SurveyOf(*FindInstrument(instruments, s.instrument()), s.respondent(), "", s.item());
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  EvaluateResponses(step, evaluation, [&](const CellKey& key, int month, SurveyFact response) {
    const int answer = 100 * response.answer(c.survey.items.front());
    evaluation->Emit(key, month, c.slot, 1);
    for (uint32_t i = 0; i < c.classes.size(); ++i) {
      if (c.classes[i].to != 0 && (answer < c.classes[i].from || answer > c.classes[i].to)) continue;
      evaluation->Emit(key, month, slot::kClassBase + i, 1);
      break;
    }
  });
}

std::string Describe(const v1::Component& c) {
  const auto& s = c.survey_item();
  return fmt::format("answers to item {} of {} by {}", s.item(), s.instrument(),
                     Words(v1::Respondent_Name(s.respondent()), "RESPONDENT_"));
}

}  // namespace

extern const Measure kSurveyItem;
const Measure kSurveyItem = {
    .field = v1::Component::kSurveyItem,
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
