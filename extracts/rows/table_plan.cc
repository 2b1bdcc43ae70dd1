#include "extracts/rows/table_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "registry/codelists/per_edition.h"

namespace kpr::extract {
namespace {

Variable WithOther(Variable variable) {
  v1::Variable& d = variable.described;
  if (d.type() == v1::VARIABLE_TYPE_TEXT) {
    d.set_code_list(d.code_list() + (d.code_list().empty() ? "" : "; ") + kOtherText);
    return variable;
  }
  v1::Variable labelled = d;
  labelled.clear_codes();
  v1::CodeLabel* other = labelled.add_codes();  // in front: labels are in the order of their codes
  other->set_code(kOtherCode);
  other->mutable_label()->set_nb("Annet (sjeldne koder samlet)");
  other->mutable_label()->set_en("Other (rare codes together)");
  labelled.MergeFrom(d);
  d = std::move(labelled);
  return variable;
}

// The variable as it is where rare codes are grouped.
const Variable* Grouped(const Variable* variable) {
  static PerEdition<std::map<const Variable*, Variable>> of_editions([] {
    std::map<const Variable*, Variable> all;
    for (const Table& table : Tables()) {
      for (const Variable& one : table.variables) {
        if (IsCode(one)) all.emplace(&one, WithOther(one));
      }
    }
    return all;
  });
  const auto& grouped = of_editions.Get();
  const auto found = grouped.find(variable);
  return found == grouped.end() ? variable : &found->second;
}

}  // namespace

bool IsCode(const Variable& variable) {
  const v1::VariableType type = variable.described.type();
  return type == v1::VARIABLE_TYPE_CODE || type == v1::VARIABLE_TYPE_TEXT;
}

std::vector<TablePlan> TablesOf(const v1::ExtractRequest& request) {
  std::set<std::string> names;
  for (const v1::RequestedVariable& variable : request.variables()) names.insert(variable.name());
  std::vector<TablePlan> plans;
  for (const Table& table : Tables()) {
    TablePlan plan{&table, {}};
    for (const Variable& variable : table.variables) {
      if (names.contains(variable.described.name()))
        plan.columns.push_back(request.group_rare_codes() ? Grouped(&variable) : &variable);
    }
    if (!plan.columns.empty() || table.kind == TableKind::kPersons) plans.push_back(std::move(plan));
  }
  return plans;
}

namespace {

constexpr uint64_t kTop = uint64_t{1} << 63;  // numbers without a sign in the order of those with one

}  // namespace

Value PackToken(uint64_t token) {
  return static_cast<Value>(token ^ kTop);
}

uint64_t UnpackToken(Value value) {
  return static_cast<uint64_t>(value) ^ kTop;
}

Value PackText(std::string_view text) {
  constexpr std::string_view kSigns = ".-/+*";
  uint64_t packed = 0;
  for (size_t i = 0; i < sizeof packed; ++i) {
    char c = i < text.size() ? text[i] : '\0';
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       (i > 0 && kSigns.find(c) != std::string_view::npos);
    if (i < text.size() && !plain) c = '_';
    packed = packed << 8 | static_cast<uint8_t>(c);
  }
  return PackToken(packed);  // of an empty text: missing
}

std::string UnpackText(Value value) {
  std::string text;
  const uint64_t packed = UnpackToken(value);
  for (int shift = 56; shift >= 0; shift -= 8) {
    const char c = static_cast<char>(packed >> shift & 0xff);
    if (c != '\0') text.push_back(c);
  }
  return text;
}

}  // namespace kpr::extract
