#include "registry/facts/field.h"

#include "registry/codelists/codelists.h"

namespace kpr {

const CodeTexts& NoAndYes() {
  static const CodeTexts texts = {{0, "Nei", "No"}, {1, "Ja", "Yes"}};
  return texts;
}

const CodeTexts& ServiceTypeTexts() {
  static const CodeTexts texts = [] {
    constexpr uint32_t kMost = 99;
    CodeTexts all;
    for (uint32_t code = 1; code <= kMost; ++code) {
      const std::string name = ServiceTypeName(code);
      if (!name.empty()) all.push_back({code, name, name});  // the list has Norwegian names alone
    }
    return all;
  }();
  return texts;
}

}  // namespace kpr
