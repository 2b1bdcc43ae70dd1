// What is assessed, planned and done for a person: reviews, assessments, diagnoses, plans, visits.
#pragma once

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> AssessmentFacts();

// Of kNutritionAssessment.
struct NutritionFact {
  const Fact& fact;
  bool at_risk() const { return fact.value(0) != 0; }
  bool has_plan() const { return fact.value(1) != 0; }
};

// Of what is begun and ended: plan, coordinator, everyday rehabilitation.
struct EndableFact {
  const Fact& fact;
  bool ended() const { return fact.value(0) != 0; }
};

// Of kFunctionAssessment.
struct FunctionAssessmentFact {
  const Fact& fact;
  // Mean of the scores that are not 9, in hundredths rounded half up; -1 where there are none.
  int32_t mean_score() const;
};

// Of kDiagnosis.
struct DiagnosisFact {
  const Fact& fact;
  bool code_starts_with(std::string_view beginning) const;
};

}  // namespace kpr
