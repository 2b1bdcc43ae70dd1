#include "indicators/evaluation/fact_field.h"

#include <algorithm>

#include "kpr/v1/event.pb.h"
#include "registry/facts/assessment_facts.h"
#include "registry/facts/hospital_facts.h"
#include "registry/facts/place_facts.h"
#include "registry/facts/plan_facts.h"
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
    {v1::FACT_TYPE_PREVENTIVE_HOME_VISIT, FactKind::kPreventiveHomeVisit, static_cast<int>(HomeVisit::kMade)},
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
    {v1::FACT_TYPE_PREVENTIVE_HOME_VISIT_DECLINED, FactKind::kPreventiveHomeVisit,
     static_cast<int>(HomeVisit::kDeclined)},
    {v1::FACT_TYPE_HOSPITAL_DISCHARGE, FactKind::kHospitalDischarge},
    {v1::FACT_TYPE_MEDICINES_IN_USE, FactKind::kMedicinesInUse},
    {v1::FACT_TYPE_PALLIATIVE_PLAN, FactKind::kPalliativePlan},
    {v1::FACT_TYPE_FOLLOW_UP_TEAM, FactKind::kFollowUpTeam},
    {v1::FACT_TYPE_DIGITAL_HOME_MONITORING, FactKind::kDigitalHomeMonitoring},
    {v1::FACT_TYPE_INFORMAL_CARE, FactKind::kInformalCare},
    {v1::FACT_TYPE_PLACE_APPLIED, FactKind::kPlaceApplied},
    {v1::FACT_TYPE_PLACE_GRANTED, FactKind::kPlaceGranted},
    {v1::FACT_TYPE_PLACE_DECLINED, FactKind::kPlaceDeclined},
};

std::optional<int32_t> OneHundred(bool yes) {
  return yes ? 100 : 0;
}

std::optional<int32_t> Whole(std::optional<int32_t> number) {
  return number ? std::optional(*number * 100) : std::nullopt;
}

const NamedValue kValues[] = {
    {v1::VALUE_FIELD_AT_RISK,
     {v1::FACT_TYPE_NUTRITION_ASSESSED},
     [](const Fact& fact) { return OneHundred(NutritionFact{fact}.at_risk()); }},
    {v1::VALUE_FIELD_HAS_PLAN,
     {v1::FACT_TYPE_NUTRITION_ASSESSED},
     [](const Fact& fact) { return OneHundred(NutritionFact{fact}.has_plan()); }},
    {v1::VALUE_FIELD_ENDED,
     {v1::FACT_TYPE_INDIVIDUAL_PLAN, v1::FACT_TYPE_COORDINATOR, v1::FACT_TYPE_EVERYDAY_REHABILITATION,
      v1::FACT_TYPE_PALLIATIVE_PLAN, v1::FACT_TYPE_FOLLOW_UP_TEAM, v1::FACT_TYPE_DIGITAL_HOME_MONITORING},
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
    {v1::VALUE_FIELD_READY_DAYS,
     {v1::FACT_TYPE_HOSPITAL_DISCHARGE},
     [](const Fact& fact) { return Whole(HospitalDischargeFact{fact}.ready_days()); }},
    {v1::VALUE_FIELD_MEDICINES,
     {v1::FACT_TYPE_MEDICINES_IN_USE},
     [](const Fact& fact) { return Whole(MedicinesFact{fact}.medicines()); }},
    {v1::VALUE_FIELD_MULTI_DOSE,
     {v1::FACT_TYPE_MEDICINES_IN_USE},
     [](const Fact& fact) { return Whole(MedicinesFact{fact}.multi_dose()); }},
    {v1::VALUE_FIELD_HOURS_PER_WEEK,
     {v1::FACT_TYPE_INFORMAL_CARE},
     [](const Fact& fact) { return std::optional(InformalCareFact{fact}.hours_per_week()); }},
    {v1::VALUE_FIELD_DECLINED,
     {v1::FACT_TYPE_PREVENTIVE_HOME_VISIT, v1::FACT_TYPE_PREVENTIVE_HOME_VISIT_DECLINED},
     [](const Fact& fact) { return OneHundred(fact.code == static_cast<int>(HomeVisit::kDeclined)); }},
    {v1::VALUE_FIELD_DECLINED_BY,
     {v1::FACT_TYPE_PLACE_DECLINED},
     [](const Fact& fact) { return Whole(PlaceDeclinedFact{fact}.by()); }},
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
    {v1::REPORT_FIELD_LONG_STAY_PLACES, FactKind::kCapacity, At(CapacityValue::kLongStayPlaces)},
    {v1::REPORT_FIELD_TIME_LIMITED_PLACES, FactKind::kCapacity, At(CapacityValue::kTimeLimitedPlaces)},
    {v1::REPORT_FIELD_DEMENTIA_PLACES, FactKind::kCapacity, At(CapacityValue::kDementiaPlaces)},
    {v1::REPORT_FIELD_PALLIATIVE_PLACES, FactKind::kCapacity, At(CapacityValue::kPalliativePlaces)},
    {v1::REPORT_FIELD_STAFFED_HOUSING_PLACES, FactKind::kCapacity, At(CapacityValue::kStaffedHousingPlaces)},
    {v1::REPORT_FIELD_DAY_ACTIVITY_PLACES, FactKind::kCapacity, At(CapacityValue::kDayActivityPlaces)},
    {v1::REPORT_FIELD_EMERGENCY_SOMATIC_PLACES, FactKind::kCapacity,
     At(CapacityValue::kEmergencySomaticPlaces)},
    {v1::REPORT_FIELD_EMERGENCY_PSYCHIATRIC_PLACES, FactKind::kCapacity,
     At(CapacityValue::kEmergencyPsychiatricPlaces)},
    {v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS_WITH_HIGHER_EDUCATION, FactKind::kWorkforce,
     At(WorkforceValue::kWithHigherEducation)},
    {v1::REPORT_FIELD_NURSES, FactKind::kWorkforce, At(WorkforceValue::kNurses)},
    {v1::REPORT_FIELD_SPECIALIST_NURSES, FactKind::kWorkforce, At(WorkforceValue::kSpecialistNurses)},
    {v1::REPORT_FIELD_PSYCHOLOGISTS, FactKind::kWorkforce, At(WorkforceValue::kPsychologists)},
    {v1::REPORT_FIELD_MEN, FactKind::kWorkforce, At(WorkforceValue::kMen)},
    {v1::REPORT_FIELD_LEADERS, FactKind::kWorkforce, At(WorkforceValue::kLeaders)},
    {v1::REPORT_FIELD_EMPLOYEES, FactKind::kWorkforce, At(WorkforceValue::kEmployees)},
    {v1::REPORT_FIELD_PART_TIME_EMPLOYEES, FactKind::kWorkforce, At(WorkforceValue::kPartTimeEmployees)},
    {v1::REPORT_FIELD_AGREED_DAYS, FactKind::kWorkforce, At(WorkforceValue::kAgreedDays)},
    {v1::REPORT_FIELD_SICK_LEAVE_DAYS, FactKind::kWorkforce, At(WorkforceValue::kSickLeaveDays)},
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

FactFilter FilterOf(v1::FactType type) {
  const NamedFact& named = *FindFact(type);
  FactFilter filter;
  filter.kind = named.kind;
  filter.code = named.code;
  return filter;
}

std::string CheckValueTest(const v1::ValueTest& test, v1::FactType of) {
  if (test.to() < test.from()) return "from <= to in the value";
  const NamedValue* value = FindValue(test.field());
  const bool fits = value != nullptr && std::count(value->of.begin(), value->of.end(), of) > 0;
  return fits ? "" : "a value that such facts have";
}

void SetValueTest(const v1::ValueTest& test, FactFilter* filter) {
  filter->from = Hundredths(test.from());
  filter->to = Hundredths(test.to());
  filter->value = FindValue(test.field())->hundredths;
}

const NamedReportField* FindReportField(v1::ReportField field) {
  return Find(kReportFields, [&](const NamedReportField& named) { return named.field == field; });
}

}  // namespace kpr
