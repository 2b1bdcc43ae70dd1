// The facts and fields that definitions name, and where they stand in stored facts. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "indicators/evaluation/component_plan.h"
#include "kpr/v1/definition.pb.h"
#include "registry/facts/fact.h"

namespace kpr {

// A fact by the name definitions have for it. DEATH is a date in the details, not a fact of its own.
struct NamedFact {
  v1::FactType type;
  FactKind kind;
  int code = -1;  // Fact::code; -1: any
};
// Null for what is no fact type of this version.
const NamedFact* FindFact(v1::FactType type);

// A value of a fact that definitions can test.
struct NamedValue {
  v1::ValueField field;
  std::vector<v1::FactType> of;                       // facts that have it
  std::optional<int32_t> (*hundredths)(const Fact&);  // none: this fact tells nothing
};
const NamedValue* FindValue(v1::ValueField field);

// Of a fact type that FindFact knows.
FactFilter FilterOf(v1::FactType type);
// What was expected of a test of such facts; empty: nothing is wrong with it.
std::string CheckValueTest(const v1::ValueTest& test, v1::FactType of);
// Of a test that has been checked.
void SetValueTest(const v1::ValueTest& test, FactFilter* filter);

// A number of a report.
struct NamedReportField {
  v1::ReportField field;
  FactKind kind;
  int value = 0;  // of Fact::value
};
const NamedReportField* FindReportField(v1::ReportField field);

}  // namespace kpr
