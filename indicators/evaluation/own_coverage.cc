#include "indicators/evaluation/own_coverage.h"

#include "indicators/evaluation/fact_field.h"
#include "registry/facts/hospital_facts.h"
#include "registry/facts/place_facts.h"
#include "registry/facts/plan_facts.h"
#include "registry/facts/service_facts.h"

namespace kpr {
namespace {

int Number(OwnCoverage coverage) {
  return static_cast<int>(coverage);
}

// Of kinds that have one, whatever they tell.
int OfKind(FactKind kind) {
  if (kind == FactKind::kMedicinesInUse) return Number(OwnCoverage::kMedicines);
  if (kind == FactKind::kPalliativePlan) return Number(OwnCoverage::kPalliativePlan);
  if (kind == FactKind::kFollowUpTeam) return Number(OwnCoverage::kFollowUpTeam);
  if (kind == FactKind::kDigitalHomeMonitoring) return Number(OwnCoverage::kDigitalHomeMonitoring);
  if (kind == FactKind::kInformalCare) return Number(OwnCoverage::kInformalCare);
  if (kind == FactKind::kHospitalDischarge) return Number(OwnCoverage::kDischarge);
  return 0;
}

bool IsPlan(FactKind kind) {
  return kind == FactKind::kPalliativePlan || kind == FactKind::kFollowUpTeam ||
         kind == FactKind::kDigitalHomeMonitoring;
}

std::set<int> OfApplications(const CodeSet& types) {
  std::set<int> numbers;
  if (types.Has(3)) numbers.insert(Number(OwnCoverage::kAssistanceApplied));
  if (types.Has(12) || types.Has(29)) numbers.insert(Number(OwnCoverage::kHousingApplied));
  return numbers;
}

std::set<int> OfFilter(const FactFilter& filter) {
  if (filter.kind == FactKind::kContact) return {filter.code};
  std::set<int> numbers;
  if (const int number = OfKind(filter.kind); number != 0) numbers.insert(number);
  if (filter.kind == FactKind::kHospitalDischarge && filter.value != nullptr)
    numbers.insert(Number(OwnCoverage::kReadyDays));
  if (filter.kind == FactKind::kPlaceDeclined && filter.value != nullptr)
    numbers.insert(Number(OwnCoverage::kDeclinedBy));
  if (filter.kind == FactKind::kPreventiveHomeVisit && filter.code == static_cast<int>(HomeVisit::kDeclined))
    numbers.insert(Number(OwnCoverage::kDeclinedVisit));
  return numbers;
}

}  // namespace

std::set<int> OwnCoverageOf(const Fact& fact) {
  if (fact.kind == FactKind::kContact) return {fact.code};
  if (IsPlan(fact.kind) && EndableFact{fact}.ended()) return {};
  std::set<int> numbers;
  if (const int number = OfKind(fact.kind); number != 0) numbers.insert(number);
  if (fact.kind == FactKind::kHospitalDischarge && HospitalDischargeFact{fact}.ready_days())
    numbers.insert(Number(OwnCoverage::kReadyDays));
  if (fact.kind == FactKind::kPlaceDeclined && PlaceDeclinedFact{fact}.by())
    numbers.insert(Number(OwnCoverage::kDeclinedBy));
  if (fact.kind == FactKind::kPreventiveHomeVisit && fact.code == static_cast<int>(HomeVisit::kDeclined))
    numbers.insert(Number(OwnCoverage::kDeclinedVisit));
  if (fact.kind == FactKind::kPlaceApplied) {
    CodeSet type;
    type.Add(PlaceFact{fact}.service_type());
    numbers.merge(OfApplications(type));
  }
  return numbers;
}

std::set<int> OwnCoverageOf(const PredicatePlan& predicate) {
  return predicate.test == PredicatePlan::Test::kWaiting ? OfApplications(predicate.types)
                                                         : OfFilter(predicate.fact);
}

std::set<int> OwnCoverageOf(const ComponentPlan& component) {
  std::set<int> numbers = OfFilter(component.fact);
  if (component.after_fact != FactKind{}) numbers.merge(OfFilter({.kind = component.after_fact}));
  if (component.summed != nullptr) numbers.insert(Number(OwnCoverage::kReadyDays));
  if (component.fact.kind == FactKind::kPlaceApplied) numbers.merge(OfApplications(component.types));
  return numbers;
}

bool IsToldByYear(int own_coverage) {
  return own_coverage <= Number(OwnCoverage::kReadyDays);
}

}  // namespace kpr
