// How the catalogue of variables is written down. Pure.
#pragma once

#include <string>

#include "extracts/variables/variables.h"

namespace kpr::extract {

v1::Text TextOf(std::string nb, std::string en);

// Only what is said differs from an ordinary variable.
struct Spec {
  std::string column;
  std::string nb, en;
  Origin origin{};
  v1::VariableType type{};
  v1::Sensitivity sensitivity = v1::SENSITIVITY_ORDINARY;
  const CodeTexts& (*codes)() = nullptr;
  const char* code_list = "";
};

Variable MakeVariable(const std::string& table, const Spec& spec);

// What many tables have.
const Spec& MunicipalitySpec();
const Spec& ProviderSpec();
// Of every year: facts carry the code of their time.
const CodeTexts& MunicipalityTexts();

}  // namespace kpr::extract
