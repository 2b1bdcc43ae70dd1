// A respondent's index by an instrument, 0 to 100.
#include <fmt/format.h>

#include "indicators/measures/survey_answers.h"
#include "indicators/measures/words.h"
#include "indicators/survey/score.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  if (c.survey_index().instrument().empty() || c.survey_index().respondent() == 0)
    return "instrument and respondent of the survey_index";
  return "";
}

std::string CheckInstrument(const v1::Component& c, Instruments instruments) {
  const std::string& id = c.survey_index().instrument();
  const std::string& dimension = c.survey_index().dimension();
  const v1::Instrument* instrument = FindInstrument(instruments, id);
  if (instrument == nullptr) return fmt::format("no instrument '{}' in the catalogue", id);
  const bool known =
      dimension.empty() || std::any_of(instrument->items().begin(), instrument->items().end(),
                                       [&](const auto& i) { return i.dimension() == dimension; });
  return known ? "" : fmt::format("instrument '{}' has no dimension '{}'", id, dimension);
}

void Compile(const v1::Component& c, Instruments instruments, ComponentPlan* plan) {
  const auto& s = c.survey_index();
  plan->survey = SurveyOf(*FindInstrument(instruments, s.instrument()), s.respondent(), s.dimension(), 0);
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  EvaluateResponses(step, evaluation, [&](const CellKey& key, int month, SurveyFact response) {
    std::vector<int> answers;
    for (const int item : c.survey.items) answers.push_back(response.answer(item));
    const auto index =
        SurveyIndexThousandths(answers, c.survey.reversed, c.survey.scale_min, c.survey.scale_max);
    if (!index) return;
    evaluation->Emit(key, month, c.slot, 1);
    evaluation->Emit(key, month, slot::kSum, *index);
    evaluation->Emit(key, month, slot::kSumSquares, *index * *index);
  });
}

std::string Describe(const v1::Component& c) {
  const auto& s = c.survey_index();
  return fmt::format("index of {}{} by {}", s.instrument(), s.dimension().empty() ? "" : ", " + s.dimension(),
                     Words(v1::Respondent_Name(s.respondent()), "RESPONDENT_"));
}

}  // namespace

extern const Measure kSurveyIndex;
const Measure kSurveyIndex = {
    .field = v1::Component::kSurveyIndex,
    .subjects = {v1::SUBJECT_TYPE_RESPONDENT},
    .sort = Always<MeasuringType::kFlow>,
    .mean = true,
    .check = Check,
    .check_instrument = CheckInstrument,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe = Describe,
    .facts = FactsOfSurveys,
};

}  // namespace kpr
