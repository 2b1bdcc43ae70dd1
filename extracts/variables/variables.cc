#include "extracts/variables/variables.h"

#include "extracts/variables/indicator_tables.h"
#include "extracts/variables/spec.h"
#include "registry/codelists/codelists.h"
#include "registry/codelists/per_edition.h"

namespace kpr::extract {
namespace {

using enum v1::Sensitivity;
using enum v1::VariableType;

const CodeTexts& Sexes() {
  static const CodeTexts texts = {{v1::SEX_MALE, "Mann", "Male"},
                                  {v1::SEX_FEMALE, "Kvinne", "Female"},
                                  {v1::SEX_NOT_APPLICABLE, "Ikke spesifisert", "Not specified"}};
  return texts;
}

const CodeTexts& DeathPlaces() {
  static const CodeTexts texts = {{v1::DEATH_PLACE_HOSPITAL, "Sykehus", "Hospital"},
                                  {v1::DEATH_PLACE_NURSING_HOME, "Sykehjem", "Nursing home"},
                                  {v1::DEATH_PLACE_HOME, "Hjemme", "At home"},
                                  {v1::DEATH_PLACE_ELSEWHERE, "Annet sted", "Elsewhere"},
                                  {v1::DEATH_PLACE_ABROAD, "I utlandet", "Abroad"}};
  return texts;
}

const CodeTexts& Counties() {
  static PerEdition<CodeTexts> texts([] {
    CodeTexts all;
    for (const auto& [code, name] : EditionInUse().counties) all.push_back({code, name, name});
    return all;
  });
  return texts.Get();
}

v1::VariableType TypeOf(FieldType type) {
  switch (type) {
    case FieldType::kCode:
    case FieldType::kFlag:
      return VARIABLE_TYPE_CODE;
    case FieldType::kCount:
      return VARIABLE_TYPE_INTEGER;
    case FieldType::kAmount:
      return VARIABLE_TYPE_DECIMAL;
    case FieldType::kText:
      return VARIABLE_TYPE_TEXT;
    case FieldType::kReference:
      return VARIABLE_TYPE_TOKEN;
  }
  return VARIABLE_TYPE_UNSPECIFIED;
}

const google::protobuf::FieldDescriptor& FieldOf(FactKind kind) {
  return *v1::Event::descriptor()->FindFieldByNumber(static_cast<int>(kind));
}

Table FactTable(const FactDescriptor& descriptor) {
  Table table;
  table.name = FieldOf(descriptor.kind).name();
  table.title = TextOf(descriptor.title_nb, descriptor.what);
  table.source = FieldOf(descriptor.kind).full_name();
  table.kind = TableKind::kFacts;
  table.fact = descriptor.kind;
  table.variables.push_back(MakeVariable(
      table.name,
      {"date", "Datoen det gjelder fra", "The date of the fact", Origin::kDate, VARIABLE_TYPE_DATE}));
  table.variables.push_back(MakeVariable(table.name, MunicipalitySpec()));
  if (descriptor.has_provider) table.variables.push_back(MakeVariable(table.name, ProviderSpec()));
  for (const FieldDescriptor& field : descriptor.fields) {
    table.variables.push_back(MakeVariable(
        table.name,
        {field.name, field.nb, field.en, Origin::kField, TypeOf(field.type),
         field.sensitive ? SENSITIVITY_SENSITIVE : SENSITIVITY_ORDINARY, field.codes, field.code_list}));
    table.variables.back().field = &field;
  }
  return table;
}

Table PersonsTable() {
  Table table;
  table.name = "persons";
  table.title = TextOf("Personer", "Persons");
  table.source = "kpr.v1.Event.person_details, one row a person";
  table.kind = TableKind::kPersons;
  const Spec specs[] = {
      {"sex", "Kjønn", "Sex", Origin::kSex, VARIABLE_TYPE_CODE, SENSITIVITY_POINTS_TO_PERSON, Sexes,
       "kodeverk 3101"},
      {"birth_year", "Fødselsår, eller første år i gruppen; de eldste samlet",
       "Year of birth, or the first of its group; the oldest together", Origin::kBirthYear,
       VARIABLE_TYPE_INTEGER, SENSITIVITY_POINTS_TO_PERSON},
      {"birth_date", "Fødselsdato", "Date of birth", Origin::kBirthDate, VARIABLE_TYPE_DATE,
       SENSITIVITY_POINTS_TO_PERSON},
      {"death_date", "Dødsdato, i tidsrommet", "Date of death, within the time frame", Origin::kDeathDate,
       VARIABLE_TYPE_DATE, SENSITIVITY_POINTS_TO_PERSON},
      {"death_place", "Sted for dødsfallet", "Place of death", Origin::kDeathPlace, VARIABLE_TYPE_CODE,
       SENSITIVITY_SENSITIVE, DeathPlaces},
      {"municipality", "Kommunen som sist startet en tjeneste i tidsrommet",
       "The municipality that last began a service within the time frame", Origin::kLatestMunicipality,
       VARIABLE_TYPE_CODE, SENSITIVITY_POINTS_TO_PERSON, MunicipalityTexts, "SSB klassifikasjon 131"},
      {"county", "Fylket til denne kommunen", "The county of that municipality", Origin::kLatestCounty,
       VARIABLE_TYPE_CODE, SENSITIVITY_POINTS_TO_PERSON, Counties, "SSB klassifikasjon 104"},
  };
  for (const Spec& spec : specs) table.variables.push_back(MakeVariable(table.name, spec));
  return table;
}

Table SpellsTable() {
  Table table;
  table.name = "service_spells";
  table.title = TextOf("Tjenester fra start til slutt", "Services from start to end");
  table.source = "derived: a service from its start to its end, of which a day lies within the time frame";
  table.kind = TableKind::kSpells;
  const Spec specs[] = {
      {"service", "Tjenesten, som et prosjekteget merke", "The service, as a token of the project",
       Origin::kService, VARIABLE_TYPE_TOKEN},
      {"service_type", "Type tjeneste", "Type of service", Origin::kServiceType, VARIABLE_TYPE_CODE,
       SENSITIVITY_SENSITIVE, ServiceTypeTexts, "kodeverk 9151"},
      MunicipalitySpec(),
      ProviderSpec(),
      {"start", "Første dag", "First day", Origin::kStart, VARIABLE_TYPE_DATE},
      {"end", "Siste dag; mangler når tjenesten varer ut tidsrommet",
       "Last day; missing where the service goes beyond the time frame", Origin::kEnd, VARIABLE_TYPE_DATE},
      {"hours_per_week", "Vedtatte timer per uke", "Hours granted per week", Origin::kHours,
       VARIABLE_TYPE_DECIMAL, SENSITIVITY_SENSITIVE},
      {"days", "Dager i tidsrommet, pauser medregnet", "Days within the time frame, pauses included",
       Origin::kDays, VARIABLE_TYPE_INTEGER, SENSITIVITY_SENSITIVE},
      {"paused_days", "Dager med pause i tidsrommet", "Days of pause within the time frame",
       Origin::kPausedDays, VARIABLE_TYPE_INTEGER, SENSITIVITY_SENSITIVE},
  };
  for (const Spec& spec : specs) table.variables.push_back(MakeVariable(table.name, spec));
  return table;
}

// Who a person is, and what they object to, is not given out as it came.
bool IsGiven(const FactDescriptor& descriptor) {
  const bool person = descriptor.subjects.front() == v1::Subject::kPerson;
  return person && descriptor.kind != FactKind::kPersonDetails &&
         descriptor.kind != FactKind::kIdentityChanged && descriptor.kind != FactKind::kReservation;
}

}  // namespace

std::span<const Table> Tables() {
  static PerEdition<std::vector<Table>> tables([] {
    std::vector<Table> all;
    all.push_back(PersonsTable());
    all.push_back(SpellsTable());
    for (const FactDescriptor& descriptor : FactDescriptors()) {
      if (IsGiven(descriptor)) all.push_back(FactTable(descriptor));
    }
    for (Table& table : IndicatorTables()) all.push_back(std::move(table));
    return all;
  });
  return tables.Get();
}

const Variable* FindVariable(std::string_view name, const Table** table) {
  for (const Table& t : Tables()) {
    for (const Variable& variable : t.variables) {
      if (variable.described.name() != name) continue;
      *table = &t;
      return &variable;
    }
  }
  return nullptr;
}

v1::VariableCatalogue DescribeVariables() {
  v1::VariableCatalogue catalogue;
  for (const Table& table : Tables()) {
    v1::VariableTable* described = catalogue.add_tables();
    described->set_name(table.name);
    *described->mutable_title() = table.title;
    described->set_source(table.source);
    for (const Variable& variable : table.variables) *described->add_variables() = variable.described;
  }
  return catalogue;
}

}  // namespace kpr::extract
