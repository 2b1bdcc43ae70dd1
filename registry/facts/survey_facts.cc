#include "registry/facts/survey_facts.h"

#include "base/limits.h"
#include "registry/facts/field_check.h"

namespace kpr {
namespace {

template <typename Survey>
MaybeViolation CheckSurvey(const Survey& survey, const std::string& name) {
  if (auto r = CheckText(survey.instrument(), name + ".instrument")) return r;
  if (survey.respondent() != v1::RESPONDENT_USER && survey.respondent() != v1::RESPONDENT_RELATIVE)
    return NotOneOf(name + ".respondent", *v1::Respondent_descriptor());
  return CheckProviderNumber(survey.provider(), name + ".provider", false);
}

MaybeViolation CheckResponse(const v1::Event& e, const CheckContext&) {
  const v1::SurveyResponse& r = e.survey_response();
  if (auto violation = CheckSurvey(r, "survey_response")) return violation;
  if (static_cast<size_t>(r.answers_size()) > limits::kFactValues)
    return OutOfRange("survey_response.answers", {"høyst 24 svar", "at most 24 answers"});
  for (const uint32_t answer : r.answers()) {
    if (answer > 10) return OutOfRange("survey_response.answers", {"0 til 10", "0 to 10"});
  }
  return std::nullopt;
}

template <typename Survey>
void EncodeSurvey(const Survey& survey, FactContent* content) {
  content->header.code = static_cast<uint16_t>(survey.respondent());
  content->header.reference = InstrumentNumber(survey.instrument());
  content->header.provider = {ProviderNumber(survey.provider())};
}

}  // namespace

std::vector<FactDescriptor> SurveyFacts() {
  constexpr auto kRespondent = v1::Subject::kRespondent;
  return {
      {FactKind::kSurveyInvitation,
       {kRespondent},
       "A user or relative is asked to answer a questionnaire",
       [](const v1::Event& e, const CheckContext&) {
         return CheckSurvey(e.survey_invitation(), "survey_invitation");
       },
       [](const v1::Event& e, FactContent* content) { EncodeSurvey(e.survey_invitation(), content); }},
      {FactKind::kSurveyResponse,
       {kRespondent},
       "The answers",
       CheckResponse,
       [](const v1::Event& e, FactContent* content) {
         EncodeSurvey(e.survey_response(), content);
         for (const uint32_t answer : e.survey_response().answers())
           content->values.push_back(static_cast<int32_t>(answer));
       }},
  };
}

}  // namespace kpr
