#include "extracts/variables/spec.h"

#include "registry/codelists/codelists.h"
#include "registry/codelists/per_edition.h"

namespace kpr::extract {

using enum v1::Sensitivity;
using enum v1::VariableType;

v1::Text TextOf(std::string nb, std::string en) {
  v1::Text text;
  text.set_nb(std::move(nb));
  text.set_en(std::move(en));
  return text;
}

Variable MakeVariable(const std::string& table, const Spec& spec) {
  Variable variable;
  variable.column = spec.column;
  variable.origin = spec.origin;
  v1::Variable& d = variable.described;
  d.set_name(table + "." + spec.column);
  *d.mutable_meaning() = TextOf(spec.nb, spec.en);
  d.set_type(spec.type);
  d.set_code_list(spec.code_list);
  d.set_sensitivity(spec.sensitivity);
  if (spec.codes != nullptr) {
    for (const CodeText& code : spec.codes()) {
      v1::CodeLabel* label = d.add_codes();
      label->set_code(code.code);
      *label->mutable_label() = TextOf(code.nb, code.en);
    }
  }
  return variable;
}

const CodeTexts& MunicipalityTexts() {
  static PerEdition<CodeTexts> texts([] {
    CodeTexts all;
    for (const auto& [code, rows] : EditionInUse().municipalities)
      all.push_back({code, rows.back().name, rows.back().name});
    return all;
  });
  return texts.Get();
}

const Spec& MunicipalitySpec() {
  static const Spec spec{"municipality",
                         "Kommunen som har ansvaret, med kommunenummeret på den tiden",
                         "The municipality in charge, by its number at the time",
                         Origin::kMunicipality,
                         VARIABLE_TYPE_CODE,
                         SENSITIVITY_POINTS_TO_PERSON,
                         MunicipalityTexts,
                         "SSB klassifikasjon 131"};
  return spec;
}

const Spec& ProviderSpec() {
  static const Spec spec{"provider",
                         "Utføreren, som et prosjekteget merke",
                         "The provider, as a token of the project",
                         Origin::kProvider,
                         VARIABLE_TYPE_TOKEN,
                         SENSITIVITY_POINTS_TO_PERSON};
  return spec;
}

}  // namespace kpr::extract
