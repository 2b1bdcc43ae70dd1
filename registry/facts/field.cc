#include "registry/facts/field.h"

#include "registry/codelists/per_edition.h"

namespace kpr {

const CodeTexts& NoAndYes() {
  static const CodeTexts texts = {{0, "Nei", "No"}, {1, "Ja", "Yes"}};
  return texts;
}

const CodeTexts& ServiceTypeTexts() {
  static PerEdition<CodeTexts> texts([] {
    CodeTexts all;
    for (const auto& [code, row] : EditionInUse().service_types)
      all.push_back({code, row.name, row.name});  // the list has Norwegian names alone
    return all;
  });
  return texts.Get();
}

}  // namespace kpr
