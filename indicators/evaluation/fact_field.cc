#include "indicators/evaluation/fact_field.h"

#include <algorithm>

#include "kpr/v1/event.pb.h"
#include "registry/facts/assessment_facts.h"
#include "registry/facts/report_facts.h"

namespace kpr {
namespace {

const NamedFact kFacts[] = {
    {v1::FACT_TYPE_FULL_MEDICATION_REVIEW, FactKind::kMedicationReview,
     v1::MedicationReview::KIND_FULL_REVIEW},
    {v1::FACT_TYPE_MEDICATION_RECONCILIATION, FactKind::kMedicationReview,
     v1::MedicationReview::KIND_RECONCILIATION},
    {v1::FACT_TYPE_ASSESSED_BY_DOCTOR, FactKind::kDoctorAssessment},
    {v1::FACT_TYPE_ASSESSED_BY_DENTAL_STAFF, FactKind::kDentalAssessment},
    {v1::FACT_TYPE_NUTRITION_ASSESSED, FactKind::kNutritionAssessment},
    {v1::FACT_TYPE_FUNCTION_ASSESSED, FactKind::kFunctionAssessment},
    {v1::FACT_TYPE_DIAGNOSIS, FactKind::kDiagnosis},
    {v1::FACT_TYPE_INDIVIDUAL_PLAN, FactKind::kIndividualPlan},
    {v1::FACT_TYPE_COORDINATOR, FactKind::kCoordinator},
    {v1::FACT_TYPE_ROOM_TAKEN, FactKind::kRoomTaken},
    {v1::FACT_TYPE_PREVENTIVE_HOME_VISIT, FactKind::kPreventiveHomeVisit},
    {v1::FACT_TYPE_EVERYDAY_REHABILITATION, FactKind::kEverydayRehabilitation},
    {v1::FACT_TYPE_DEATH, FactKind::kPersonDetails},
    {v1::FACT_TYPE_GENERAL_PRACTITIONER_CONTACT, FactKind::kContact,
     v1::Contact::SERVICE_GENERAL_PRACTITIONER},
    {v1::FACT_TYPE_OUT_OF_HOURS_CONTACT, FactKind::kContact, v1::Contact::SERVICE_OUT_OF_HOURS},
    {v1::FACT_TYPE_PHYSIOTHERAPY_CONTACT, FactKind::kContact, v1::Contact::SERVICE_PHYSIOTHERAPY},
    {v1::FACT_TYPE_CHILD_HEALTH_CLINIC_CONTACT, FactKind::kContact, v1::Contact::SERVICE_CHILD_HEALTH_CLINIC},
    {v1::FACT_TYPE_SCHOOL_HEALTH_CONTACT, FactKind::kContact, v1::Contact::SERVICE_SCHOOL_HEALTH},
    {v1::FACT_TYPE_PSYCHOLOGIST_CONTACT, FactKind::kContact, v1::Contact::SERVICE_PSYCHOLOGIST},
    {v1::FACT_TYPE_DENTAL_CONTACT, FactKind::kContact, v1::Contact::SERVICE_DENTAL},
    {v1::FACT_TYPE_MENTAL_HEALTH_CONTACT, FactKind::kContact,
     v1::Contact::SERVICE_MENTAL_HEALTH_AND_SUBSTANCE_USE},
};

std::optional<int32_t> OneHundred(bool yes) {
  return yes ? 100 : 0;
}

const NamedValue kValues[] = {
    {v1::VALUE_FIELD_AT_RISK,
     {v1::FACT_TYPE_NUTRITION_ASSESSED},
     [](const Fact& fact) { return OneHundred(NutritionFact{fact}.at_risk()); }},
    {v1::VALUE_FIELD_HAS_PLAN,
     {v1::FACT_TYPE_NUTRITION_ASSESSED},
     [](const Fact& fact) { return OneHundred(NutritionFact{fact}.has_plan()); }},
    {v1::VALUE_FIELD_ENDED,
     {v1::FACT_TYPE_INDIVIDUAL_PLAN, v1::FACT_TYPE_COORDINATOR, v1::FACT_TYPE_EVERYDAY_REHABILITATION},
     [](const Fact& fact) { return OneHundred(EndableFact{fact}.ended()); }},
    {v1::VALUE_FIELD_ROOM_KIND,
     {v1::FACT_TYPE_ROOM_TAKEN},
     [](const Fact& fact) { return std::optional<int32_t>(100 * fact.code); }},
    {v1::VALUE_FIELD_MEAN_SCORE,
     {v1::FACT_TYPE_FUNCTION_ASSESSED},
     [](const Fact& fact) {
       const int32_t mean = FunctionAssessmentFact{fact}.mean_score();
       return mean < 0 ? std::nullopt : std::optional(mean);
     }},
};

constexpr int At(CapacityValue value) {
  return static_cast<int>(value);
}
constexpr int At(WorkforceValue value) {
  return static_cast<int>(value);
}

const NamedReportField kReportFields[] = {
    {v1::REPORT_FIELD_PLACES, FactKind::kCapacity, At(CapacityValue::kPlaces)},
    {v1::REPORT_FIELD_PLACES_BOUGHT, FactKind::kCapacity, At(CapacityValue::kPlacesBought)},
    {v1::REPORT_FIELD_PLACES_SOLD, FactKind::kCapacity, At(CapacityValue::kPlacesSold)},
    {v1::REPORT_FIELD_ROOMS, FactKind::kCapacity, At(CapacityValue::kRooms)},
    {v1::REPORT_FIELD_SINGLE_ROOMS_WITH_BATH, FactKind::kCapacity, At(CapacityValue::kSingleRoomsWithBath)},
    {v1::REPORT_FIELD_DOUBLE_ROOMS, FactKind::kCapacity, At(CapacityValue::kDoubleRooms)},
    {v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS, FactKind::kWorkforce, At(WorkforceValue::kFullTimeEquivalents)},
    {v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS_WITH_HEALTH_EDUCATION, FactKind::kWorkforce,
     At(WorkforceValue::kWithHealthEducation)},
    {v1::REPORT_FIELD_DOCTOR_HOURS_PER_WEEK, FactKind::kWorkforce, At(WorkforceValue::kDoctorHoursPerWeek)},
};

template <typename Table, typename Is>
auto Find(const Table& table, Is is) {
  const auto it = std::find_if(std::begin(table), std::end(table), is);
  return it == std::end(table) ? nullptr : &*it;
}

}  // namespace

const NamedFact* FindFact(v1::FactType type) {
  return Find(kFacts, [&](const NamedFact& named) { return named.type == type; });
}

const NamedValue* FindValue(v1::ValueField field) {
  return Find(kValues, [&](const NamedValue& named) { return named.field == field; });
}

const NamedReportField* FindReportField(v1::ReportField field) {
  return Find(kReportFields, [&](const NamedReportField& named) { return named.field == field; });
}

}  // namespace kpr
