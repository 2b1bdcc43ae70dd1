#include "indicators/evaluation/component_plan.h"

#include <algorithm>

#include "registry/facts/assessment_facts.h"

namespace kpr {

bool FactFilter::PassesTest(const Fact& fact) const {
  const auto is = [&](const std::pair<int, std::string>& diagnosis) {
    return fact.code == diagnosis.first && DiagnosisFact{fact}.code_starts_with(diagnosis.second);
  };
  if (!diagnoses.empty() && std::none_of(diagnoses.begin(), diagnoses.end(), is)) return false;
  if (value == nullptr) return true;
  const std::optional<int32_t> tested = value(fact);
  return tested && from <= *tested && *tested <= to;
}

MeasuringType IndicatorPlan::MeasuringTypeOf(uint32_t slot) const {
  if (slot >= slot::kSubjects) return MeasuringType::kStock;
  if (slot == slot::kDayWeighted || slot == slot::kDayWeighted + 1) return MeasuringType::kDays;
  if (slot >= slot::kHistogramBase || slot == slot::kInvited || slot == slot::kResponded)
    return MeasuringType::kFlow;
  const bool role = slot == slot::kDenominator || slot == slot::kNumerator;
  for (const ComponentPlan& c : components) {
    if (!role || c.slot == slot) return c.sort;
  }
  return MeasuringType::kStock;
}

bool IndicatorPlan::has(PeriodKind kind) const {
  return std::find(periods.begin(), periods.end(), kind) != periods.end();
}

}  // namespace kpr
