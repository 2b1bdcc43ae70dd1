// The variables that an extract can have, made of the descriptors of facts: a table for each kind of fact
// about persons, and tables of what is derived (persons, service spells, what a person counts for in an
// indicator). Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kpr/v1/extract.pb.h"
#include "registry/facts/descriptor.h"

namespace kpr::extract {

// Where the value of a variable comes from.
enum class Origin {
  // Of every table but persons.
  kDate,
  kMunicipality,
  kProvider,
  kField,  // of the fact: Variable::field
  // Of persons.
  kSex,
  kBirthYear,
  kBirthDate,
  kDeathDate,
  kDeathPlace,
  kLatestMunicipality,
  kLatestCounty,
  // Of service spells.
  kService,
  kServiceType,
  kStart,
  kEnd,
  kHours,
  kDays,
  kPausedDays,
  // Of indicators.
  kPeriod,
  kDenominator,
  kNumerator,
  kClass,  // Variable::place
};

struct Variable {
  v1::Variable described;  // its name is whole: "medication_review.kind"
  std::string column;      // "kind"
  Origin origin{};
  const FieldDescriptor* field = nullptr;
  int place = 0;  // of a class in the definition
};

enum class TableKind { kPersons, kFacts, kSpells, kIndicator };

struct Table {
  std::string name;
  v1::Text title;
  std::string source;
  TableKind kind{};
  FactKind fact{};                             // of kFacts
  const v1::Definition* definition = nullptr;  // of kIndicator
  std::vector<Variable> variables;
};

// Each has the token of the person in front, which need not be asked for.
inline constexpr char kPersonColumn[] = "person";

std::span<const Table> Tables();
// Null: there is none of that whole name. `table` gets its table.
const Variable* FindVariable(std::string_view name, const Table** table);
v1::VariableCatalogue DescribeVariables();

}  // namespace kpr::extract
