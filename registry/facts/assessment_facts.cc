#include "registry/facts/assessment_facts.h"

#include <utility>

#include "base/limits.h"
#include "registry/facts/field_check.h"

namespace kpr {
namespace {

constexpr uint32_t kNotRelevant = 9;  // of function scores
constexpr uint32_t kMostMedicines = 99;
constexpr double kHoursOfAWeek = 168;

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

MaybeViolation CheckMedicines(const v1::Event& e, const CheckContext&) {
  const v1::MedicinesInUse& list = e.medicines_in_use();
  if (!list.has_medicines() && !list.has_multi_dose()) return Missing("medicines_in_use.medicines");
  if (list.medicines() <= kMostMedicines) return std::nullopt;
  return OutOfRange("medicines_in_use.medicines", {"0 til 99", "0 to 99"});
}

void EncodeMedicines(const v1::Event& e, FactContent* content) {
  const v1::MedicinesInUse& list = e.medicines_in_use();
  content->values = {
      list.has_medicines() ? static_cast<int32_t>(list.medicines()) : MedicinesFact::kNotStated,
      list.has_multi_dose() ? int32_t{list.multi_dose()} : MedicinesFact::kNotStated};
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

FieldDescriptor Flag(const char* name, const char* nb, const char* en,
                     std::optional<int64_t> (*number)(const Fact&)) {
  return {.name = name,
          .nb = nb,
          .en = en,
          .type = FieldType::kFlag,
          .sensitive = true,
          .codes = NoAndYes,
          .number = number};
}

const CodeTexts& ReviewKinds() {
  static const CodeTexts texts = {
      {v1::MedicationReview::KIND_FULL_REVIEW, "Legemiddelgjennomgang", "Full medication review"},
      {v1::MedicationReview::KIND_RECONCILIATION, "Legemiddelsamstemming", "Medication reconciliation"}};
  return texts;
}

const CodeTexts& DiagnosisSystems() {
  static const CodeTexts texts = {{v1::Diagnosis::SYSTEM_ICPC2, "ICPC-2", "ICPC-2"},
                                  {v1::Diagnosis::SYSTEM_ICD10, "ICD-10", "ICD-10"}};
  return texts;
}

std::optional<int64_t> CodeOf(const Fact& fact) {
  return fact.code;
}

std::string DiagnosisText(const Fact& fact) {
  std::string code;
  for (int i = 0; i < fact.value_count; ++i) code.push_back(static_cast<char>(fact.value(i)));
  return code;
}

std::vector<FieldDescriptor> NutritionFields() {
  return {Flag("at_risk", "I ernæringsmessig risiko", "At nutritional risk",
               [](const Fact& fact) -> std::optional<int64_t> { return NutritionFact{fact}.at_risk(); }),
          Flag("has_plan", "Har ernæringsplan", "Has a nutrition plan",
               [](const Fact& fact) -> std::optional<int64_t> { return NutritionFact{fact}.has_plan(); })};
}

std::vector<FieldDescriptor> MedicinesFields() {
  return {
      {.name = "medicines",
       .nb = "Legemidler i fast bruk",
       .en = "Medicines in regular use",
       .type = FieldType::kCount,
       .sensitive = true,
       .number = [](const Fact& fact) -> std::optional<int64_t> { return MedicinesFact{fact}.medicines(); }},
      Flag("multi_dose", "Multidose", "Multi-dose packed",
           [](const Fact& fact) -> std::optional<int64_t> { return MedicinesFact{fact}.multi_dose(); })};
}

std::vector<FieldDescriptor> DiagnosisFields() {
  return {{.name = "system",
           .nb = "Kodeverk for diagnosen",
           .en = "Code system of the diagnosis",
           .type = FieldType::kCode,
           .codes = DiagnosisSystems,
           .number = CodeOf},
          {.name = "code",
           .nb = "Diagnosekode",
           .en = "Code of the diagnosis",
           .type = FieldType::kText,
           .sensitive = true,
           .code_list = "ICPC-2, ICD-10",
           .text = DiagnosisText}};
}

constexpr const char* kScoreNames[] = {
    "score_1",  "score_2",  "score_3",  "score_4",  "score_5",  "score_6",  "score_7",  "score_8",
    "score_9",  "score_10", "score_11", "score_12", "score_13", "score_14", "score_15", "score_16",
    "score_17", "score_18", "score_19", "score_20", "score_21", "score_22", "score_23", "score_24"};
static_assert(std::size(kScoreNames) == limits::kFactValues);

const CodeTexts& Scores() {
  static const CodeTexts texts = {
      {1, "Ingen problem", "No problem"},
      {2, "Ikke behov for hjelp, men utfordringer", "No need of help, but challenges"},
      {3, "Middels behov for hjelp", "Middle need of help"},
      {4, "Stort behov for hjelp", "Large need of help"},
      {5, "Fullt behov for hjelp", "Full need of help"},
      {9, "Ikke relevant", "Not relevant"}};
  return texts;
}

template <int I>
std::optional<int64_t> ScoreOf(const Fact& fact) {
  return I < fact.value_count ? std::optional<int64_t>(fact.value(I)) : std::nullopt;
}

template <int... I>
std::vector<FieldDescriptor> FunctionFields(std::integer_sequence<int, I...>) {
  return {{.name = "mean_score",
           .nb = "Gjennomsnittlig bistandsbehov, av variablene som er relevante",
           .en = "Mean need of assistance, of the variables that are relevant",
           .type = FieldType::kAmount,
           .sensitive = true,
           .number = [](const Fact& fact) -> std::optional<int64_t> {
             const int32_t mean = FunctionAssessmentFact{fact}.mean_score();
             return mean < 0 ? std::nullopt : std::optional<int64_t>(mean);
           }},
          {.name = kScoreNames[I],
           .nb = "Bistandsbehov, IPLOS-variabel " + std::to_string(I + 1),
           .en = "Need of assistance, IPLOS variable " + std::to_string(I + 1),
           .type = FieldType::kCode,
           .sensitive = true,
           .codes = Scores,
           .number = ScoreOf<I>}...};
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

namespace {

std::vector<FactDescriptor> Assessments() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {
      {.kind = FactKind::kMedicationReview,
       .subjects = {kPerson},
       .what = "Medicines reviewed in full, or reconciled",
       .check = CheckReview,
       .encode =
           [](const v1::Event& e, FactContent* content) {
             content->header.code = static_cast<uint16_t>(e.medication_review().kind());
           },
       .title_nb = "Legemidler gjennomgått eller samstemt",
       .fields = {{.name = "kind",
                   .nb = "Gjennomgang eller samstemming",
                   .en = "Full review or reconciliation",
                   .type = FieldType::kCode,
                   .codes = ReviewKinds,
                   .number = CodeOf}}},
      {.kind = FactKind::kDoctorAssessment,
       .subjects = {kPerson},
       .what = "Assessed by a doctor",
       .title_nb = "Vurdert av lege"},
      {.kind = FactKind::kDentalAssessment,
       .subjects = {kPerson},
       .what = "Assessed by dental staff",
       .title_nb = "Vurdert av tannhelsepersonell"},
      {.kind = FactKind::kNutritionAssessment,
       .subjects = {kPerson},
       .what = "Nutrition assessed: at risk, has a plan",
       .check = CheckNutrition,
       .encode =
           [](const v1::Event& e, FactContent* content) {
             content->values = {e.nutrition_assessment().at_risk(), e.nutrition_assessment().has_plan()};
           },
       .title_nb = "Ernæring kartlagt",
       .fields = NutritionFields()},
      {.kind = FactKind::kFunctionAssessment,
       .subjects = {kPerson},
       .what = "Function assessed, a score for each item",
       .check = CheckFunction,
       .encode = EncodeFunction,
       .title_nb = "Funksjon kartlagt",
       .fields = FunctionFields(std::make_integer_sequence<int, limits::kFactValues>())},
      {.kind = FactKind::kDiagnosis,
       .subjects = {kPerson},
       .what = "A diagnosis is registered",
       .check = CheckDiagnosis,
       .encode = EncodeDiagnosis,
       .title_nb = "Diagnose registrert",
       .fields = DiagnosisFields()},
  };
}

// What a person takes, and the help of those who are not paid for it.
std::vector<FactDescriptor> MedicinesAndHelp() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {{.kind = FactKind::kMedicinesInUse,
           .subjects = {kPerson},
           .what = "How many medicines are in regular use, and whether they are packed by dose",
           .check = CheckMedicines,
           .encode = EncodeMedicines,
           .title_nb = "Legemidler i bruk",
           .fields = MedicinesFields()},
          {.kind = FactKind::kInformalCare,
           .subjects = {kPerson},
           .what = "Hours a week of help from relatives and others who are not paid for it",
           .check =
               [](const v1::Event& e, const CheckContext&) {
                 return CheckAmount(e.informal_care().hours_per_week(), "informal_care.hours_per_week",
                                    kHoursOfAWeek);
               },
           .encode =
               [](const v1::Event& e, FactContent* content) {
                 content->values = {Hundredths(e.informal_care().hours_per_week())};
               },
           .title_nb = "Hjelp fra pårørende",
           .fields = {{.name = "hours_per_week",
                       .nb = "Timer i uken fra pårørende og andre som ikke får betalt",
                       .en = "Hours a week from relatives and others who are not paid",
                       .type = FieldType::kAmount,
                       .sensitive = true,
                       .number = [](const Fact& fact) -> std::optional<int64_t> {
                         return InformalCareFact{fact}.hours_per_week();
                       }}}}};
}

}  // namespace

std::vector<FactDescriptor> AssessmentFacts() {
  std::vector<FactDescriptor> facts = Assessments();
  for (FactDescriptor& fact : MedicinesAndHelp()) facts.push_back(std::move(fact));
  return facts;
}

}  // namespace kpr
