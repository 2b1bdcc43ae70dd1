#include "extracts/variables/variables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "registry/codelists/edition.h"

namespace kpr::extract {
namespace {

// What is sent about a person can be asked for, but for who they are and what they object to.
TEST(VariablesTest, EveryFieldOfAFactIsAVariable) {
  const std::set<std::string> kept = {"service_id", "pause_id",
                                      "application_id"};  // as tokens, by other names
  const std::map<std::string, std::string> given_as = {{"referred_on", "waited_days"},
                                                       {"ready_on", "ready_days"}};
  const auto* event = v1::Event::descriptor();
  for (const Table& table : Tables()) {
    if (table.kind != TableKind::kFacts) continue;
    std::set<std::string> columns;
    for (const Variable& variable : table.variables) columns.insert(variable.column);
    EXPECT_TRUE(columns.contains("date") && columns.contains("municipality")) << table.name;
    const auto* message = event->FindFieldByName(table.name)->message_type();
    for (int i = 0; i < message->field_count(); ++i) {
      std::string name = message->field(i)->name();
      if (message->field(i)->is_repeated()) name = "score_1";
      if (kept.contains(name)) name = name.substr(0, name.size() - 3);
      if (const auto other = given_as.find(name); other != given_as.end()) name = other->second;
      EXPECT_TRUE(columns.contains(name)) << table.name << "." << message->field(i)->name();
    }
  }
}

TEST(VariablesTest, AreDescribedInBothLanguages) {
  std::set<std::string> names;
  const v1::VariableCatalogue catalogue = DescribeVariables();
  for (const v1::VariableTable& table : catalogue.tables()) {
    EXPECT_FALSE(table.title().nb().empty() || table.title().en().empty()) << table.name();
    for (const v1::Variable& variable : table.variables()) {
      EXPECT_TRUE(names.insert(variable.name()).second) << variable.name();
      EXPECT_FALSE(variable.meaning().nb().empty() || variable.meaning().en().empty()) << variable.name();
      EXPECT_NE(variable.type(), v1::VARIABLE_TYPE_UNSPECIFIED) << variable.name();
      EXPECT_EQ(variable.type() == v1::VARIABLE_TYPE_CODE, !variable.codes().empty()) << variable.name();
      // Names of Stata have at most 32 letters.
      EXPECT_LE(variable.name().substr(variable.name().find('.') + 1).size(), 32u);
    }
  }
  EXPECT_GT(names.size(), 70u);
}

bool HasServiceType(int64_t code) {
  const Table* table = nullptr;
  const Variable* variable = FindVariable("service_started.service_type", &table);
  if (variable == nullptr) return false;
  return std::any_of(variable->described.codes().begin(), variable->described.codes().end(),
                     [&](const v1::CodeLabel& label) { return label.code() == code; });
}

TEST(VariablesTest, LabelsAreThoseOfTheCodeListsInUse) {
  EXPECT_TRUE(HasServiceType(21));
  EXPECT_FALSE(HasServiceType(30));
  std::vector<embedded::File> files = BuiltInCodeLists();
  for (embedded::File& file : files) {
    if (file.name == "service_types.csv") file.content += "30,2027-01-01,,yes,Dagsenter\n";
  }
  UseEdition(ReadEdition(files).value());
  EXPECT_TRUE(HasServiceType(30));
  UseEdition(ReadEdition({}).value());
  EXPECT_FALSE(HasServiceType(30));
}

}  // namespace
}  // namespace kpr::extract
