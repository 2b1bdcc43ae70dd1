#include "ingest/validation/instruments.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpr {
namespace {

Violation UnknownInstrument(const std::string& field) {
  return {ViolationCode::kUnknownInstrument, field, "Registeret har ikke dette spørreskjemaet",
          "The register does not have this questionnaire"};
}

std::optional<Violation> CheckAnswers(const v1::SurveyResponse& response, const InstrumentScale& scale) {
  const std::string field = "survey_response.answers";
  if (response.answers_size() != scale.items) {
    return OutOfRange(field,
                      {fmt::format("{} svar, ett for hvert spørsmål, 0 der det ikke er svart", scale.items),
                       fmt::format("{} answers, one for each item, 0 for none", scale.items)});
  }
  const bool on_scale = std::all_of(
      response.answers().begin(), response.answers().end(),
      [&](uint32_t answer) { return answer == 0 || (scale.min <= answer && answer <= scale.max); });
  if (on_scale) return std::nullopt;
  return OutOfRange(field, {fmt::format("{} til {}, eller 0 der det ikke er svart", scale.min, scale.max),
                            fmt::format("{} to {}, or 0 for no answer", scale.min, scale.max)});
}

}  // namespace

std::optional<Violation> CheckInstrument(const v1::Event& event, const Instruments& instruments) {
  if (event.has_survey_invitation()) {
    if (instruments.contains(event.survey_invitation().instrument())) return std::nullopt;
    return UnknownInstrument("survey_invitation.instrument");
  }
  if (!event.has_survey_response()) return std::nullopt;
  const auto it = instruments.find(event.survey_response().instrument());
  if (it == instruments.end()) return UnknownInstrument("survey_response.instrument");
  return CheckAnswers(event.survey_response(), it->second);
}

}  // namespace kpr
