#include "registry/facts/assessment_facts.h"

#include "base/limits.h"
#include "registry/facts/field_check.h"

namespace kpr {
namespace {

constexpr uint32_t kNotRelevant = 9;  // of function scores

MaybeViolation CheckReview(const v1::Event& e, const CheckContext&) {
  const auto kind = e.medication_review().kind();
  if (kind != 0 && v1::MedicationReview::Kind_IsValid(kind)) return std::nullopt;
  return NotOneOf("medication_review.kind", *v1::MedicationReview::Kind_descriptor());
}

MaybeViolation CheckNutrition(const v1::Event& e, const CheckContext&) {
  if (!e.nutrition_assessment().has_plan() || e.nutrition_assessment().at_risk()) return std::nullopt;
  return OutOfRange("nutrition_assessment.has_plan",
                    {"usann når at_risk er usann", "false where at_risk is false"});
}

MaybeViolation CheckFunction(const v1::Event& e, const CheckContext&) {
  const auto& scores = e.function_assessment().scores();
  if (scores.empty() || static_cast<size_t>(scores.size()) > limits::kFactValues)
    return OutOfRange("function_assessment.scores", {"1 til 24 skårer", "1 to 24 scores"});
  for (const uint32_t score : scores) {
    if (score != kNotRelevant && (score < 1 || score > 5))
      return OutOfRange("function_assessment.scores", {"1 til 5, eller 9", "1 to 5, or 9"});
  }
  return std::nullopt;
}

MaybeViolation CheckDiagnosis(const v1::Event& e, const CheckContext&) {
  const v1::Diagnosis& d = e.diagnosis();
  if (d.system() == 0 || !v1::Diagnosis::System_IsValid(d.system()))
    return NotOneOf("diagnosis.system", *v1::Diagnosis::System_descriptor());
  if (d.code().size() < 3 || d.code().size() > 8)
    return OutOfRange("diagnosis.code", {"på 3 til 8 tegn", "3 to 8 characters"});
  return std::nullopt;
}

void EncodeFunction(const v1::Event& e, FactContent* content) {
  for (const uint32_t score : e.function_assessment().scores())
    content->values.push_back(static_cast<int32_t>(score));
}

void EncodeDiagnosis(const v1::Event& e, FactContent* content) {
  content->header.code = static_cast<uint16_t>(e.diagnosis().system());
  content->header.reference = Fnv1a(e.diagnosis().code());
  for (const char c : e.diagnosis().code()) content->values.push_back(c);
}

}  // namespace

int32_t FunctionAssessmentFact::mean_score() const {
  int32_t sum = 0, count = 0;
  for (int i = 0; i < fact.value_count; ++i) {
    if (fact.value(i) == static_cast<int32_t>(kNotRelevant)) continue;
    sum += fact.value(i);
    ++count;
  }
  return count == 0 ? -1 : (200 * sum + count) / (2 * count);
}

bool DiagnosisFact::code_starts_with(std::string_view beginning) const {
  if (beginning.size() > fact.value_count) return false;
  for (size_t i = 0; i < beginning.size(); ++i) {
    if (fact.value(static_cast<int>(i)) != beginning[i]) return false;
  }
  return true;
}

std::vector<FactDescriptor> AssessmentFacts() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {
      {FactKind::kMedicationReview,
       {kPerson},
       "Medicines reviewed in full, or reconciled",
       CheckReview,
       [](const v1::Event& e, FactContent* content) {
         content->header.code = static_cast<uint16_t>(e.medication_review().kind());
       }},
      {FactKind::kDoctorAssessment, {kPerson}, "Assessed by a doctor"},
      {FactKind::kDentalAssessment, {kPerson}, "Assessed by dental staff"},
      {FactKind::kNutritionAssessment,
       {kPerson},
       "Nutrition assessed: at risk, has a plan",
       CheckNutrition,
       [](const v1::Event& e, FactContent* content) {
         content->values = {e.nutrition_assessment().at_risk(), e.nutrition_assessment().has_plan()};
       }},
      {FactKind::kFunctionAssessment,
       {kPerson},
       "Function assessed, a score for each item",
       CheckFunction,
       EncodeFunction},
      {FactKind::kDiagnosis, {kPerson}, "A diagnosis is registered", CheckDiagnosis, EncodeDiagnosis},
      {FactKind::kIndividualPlan,
       {kPerson},
       "An individual plan is made, or ended",
       nullptr,
       [](const v1::Event& e, FactContent* content) { content->values = {e.individual_plan().ended()}; }},
      {FactKind::kCoordinator,
       {kPerson},
       "A coordinator is appointed, or steps down",
       nullptr,
       [](const v1::Event& e, FactContent* content) { content->values = {e.coordinator().ended()}; }},
      {FactKind::kPreventiveHomeVisit, {kPerson}, "A preventive home visit"},
      {FactKind::kEverydayRehabilitation,
       {kPerson},
       "Everyday rehabilitation begins, or ends",
       nullptr,
       [](const v1::Event& e, FactContent* content) {
         content->values = {e.everyday_rehabilitation().ended()};
       }},
  };
}

}  // namespace kpr
