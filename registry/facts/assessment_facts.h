// What is assessed of a person: medicines, nutrition, function, diagnoses, help of relatives.
#pragma once

#include <optional>
#include <string_view>

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> AssessmentFacts();

// Of kNutritionAssessment.
struct NutritionFact {
  const Fact& fact;
  bool at_risk() const { return fact.value(0) != 0; }
  bool has_plan() const { return fact.value(1) != 0; }
};

// Of kFunctionAssessment.
struct FunctionAssessmentFact {
  const Fact& fact;
  // Mean of the scores that are not 9, in hundredths rounded half up; -1 where there are none.
  int32_t mean_score() const;
};

// Of kMedicinesInUse.
struct MedicinesFact {
  static constexpr int32_t kNotStated = -1;
  const Fact& fact;
  std::optional<int32_t> medicines() const { return Stated(0); }
  std::optional<int32_t> multi_dose() const { return Stated(1); }  // 0 or 1

 private:
  std::optional<int32_t> Stated(int i) const {
    return fact.value_count <= i || fact.value(i) == kNotStated ? std::nullopt : std::optional(fact.value(i));
  }
};

// Of kInformalCare.
struct InformalCareFact {
  const Fact& fact;
  int32_t hours_per_week() const { return fact.value(0); }  // hundredths
};

// Of kDiagnosis.
struct DiagnosisFact {
  const Fact& fact;
  bool code_starts_with(std::string_view beginning) const;
};

}  // namespace kpr
