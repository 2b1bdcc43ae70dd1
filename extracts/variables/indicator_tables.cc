#include "extracts/variables/indicator_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "extracts/variables/spec.h"
#include "indicators/definition/catalogue.h"
#include "indicators/engine/plan.h"

namespace kpr::extract {
namespace {

using enum v1::Sensitivity;
using enum v1::VariableType;

bool OfPersons(const v1::Component& component) {
  return component.subject() == v1::SUBJECT_TYPE_PERSON;
}

// Whether a person's share can be told from the person alone. Not where only some industries count: which
// one a provider is of, the provider says.
bool CountsPersons(const v1::Definition& definition) {
  const auto& components = definition.components();
  return std::any_of(components.begin(), components.end(), OfPersons) &&
         std::all_of(components.begin(), components.end(),
                     [](const v1::Component& c) { return c.provider_industries().empty(); });
}

// The newest of each id.
const std::map<std::string, v1::Definition>& Definitions() {
  static const std::map<std::string, v1::Definition> definitions = [] {
    std::map<std::string, v1::Definition> newest;
    const auto catalogue = LoadCatalogue(embedded::Catalogue(), embedded::Instruments());
    for (const v1::Definition& definition : catalogue->definitions) {
      v1::Definition& known = newest[definition.id()];
      if (known.version() < definition.version()) known = definition;
    }
    return newest;
  }();
  return definitions;
}

bool HasRole(const v1::Definition& definition, v1::Role role) {
  const auto& components = definition.components();
  return std::any_of(components.begin(), components.end(),
                     [&](const v1::Component& c) { return OfPersons(c) && c.role() == role; });
}

// What a numerator is, by the kind of the definition.
Spec NumeratorSpec(const v1::Definition& definition) {
  const v1::Text& title = definition.title();
  Spec spec{"numerator",        "Teller: " + title.nb(), "Numerator: " + title.en(),
            Origin::kNumerator, VARIABLE_TYPE_INTEGER,   SENSITIVITY_SENSITIVE};
  if (definition.kind() == v1::KIND_MEAN) {
    spec.nb = "Sum av det gjennomsnittet tas av: " + title.nb();
    spec.en = "Sum of what the mean is taken of: " + title.en();
    spec.type = VARIABLE_TYPE_DECIMAL;
  }
  if (definition.kind() == v1::KIND_MEDIAN_DAYS) {
    spec.nb = "Sum av dager: " + title.nb();
    spec.en = "Sum of days: " + title.en();
  }
  return spec;
}

bool HasNumerator(const v1::Definition& definition) {
  return definition.kind() == v1::KIND_PROPORTION || definition.kind() == v1::KIND_MEAN ||
         definition.kind() == v1::KIND_MEDIAN_DAYS || HasRole(definition, v1::ROLE_NUMERATOR);
}

void AddAmounts(const v1::Definition& definition, Table* table) {
  const v1::Text& title = definition.title();
  if (HasRole(definition, v1::ROLE_DENOMINATOR))
    table->variables.push_back(
        MakeVariable(table->name, {"denominator", "Nevner: " + title.nb(), "Denominator: " + title.en(),
                                   Origin::kDenominator, VARIABLE_TYPE_INTEGER, SENSITIVITY_SENSITIVE}));
  if (HasNumerator(definition))
    table->variables.push_back(MakeVariable(table->name, NumeratorSpec(definition)));
  const v1::Component& counted = definition.components(0);
  for (int i = 0; OfPersons(counted) && i < counted.classes_size(); ++i) {
    const v1::Class& c = counted.classes(i);
    if (c.id() == counted.numerator_class()) continue;
    table->variables.push_back(MakeVariable(
        table->name, {"class_" + c.id(), "I klassen: " + c.title().nb(), "In the class: " + c.title().en(),
                      Origin::kClass, VARIABLE_TYPE_INTEGER, SENSITIVITY_SENSITIVE}));
    table->variables.back().place = i;
  }
}

Table IndicatorTable(const v1::Definition& definition) {
  Table table;
  table.name = "indicator_" + definition.id();
  table.title = TextOf("Indikator: " + definition.title().nb(), "Indicator: " + definition.title().en());
  table.source =
      fmt::format("derived: what a person counts for in the indicator {}, version {}, by {} and municipality",
                  definition.id(), definition.version(), NameOf(ShortestPeriod(definition)));
  table.kind = TableKind::kIndicator;
  table.definition = &definition;
  table.variables.push_back(MakeVariable(
      table.name,
      {"period", "Første dag i perioden", "First day of the period", Origin::kPeriod, VARIABLE_TYPE_DATE}));
  table.variables.push_back(MakeVariable(table.name, MunicipalitySpec()));
  AddAmounts(definition, &table);
  return table;
}

}  // namespace

const char* NameOf(PeriodKind kind) {
  if (kind == PeriodKind::kMonth) return "month";
  return kind == PeriodKind::kTertial ? "tertial" : "year";
}

PeriodKind ShortestPeriod(const v1::Definition& definition) {
  const auto& periods = definition.periods();
  return ToPeriodKind(static_cast<v1::PeriodUnit>(*std::min_element(periods.begin(), periods.end())));
}

std::vector<Table> IndicatorTables() {
  std::vector<Table> tables;
  for (const auto& [id, definition] : Definitions()) {
    if (CountsPersons(definition)) tables.push_back(IndicatorTable(definition));
  }
  return tables;
}

}  // namespace kpr::extract
