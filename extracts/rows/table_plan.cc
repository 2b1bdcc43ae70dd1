#include "extracts/rows/table_plan.h"

#include <algorithm>
#include <set>

namespace kpr::extract {

std::vector<TablePlan> TablesOf(const v1::ExtractRequest& request) {
  std::set<std::string> names;
  for (const v1::RequestedVariable& variable : request.variables()) names.insert(variable.name());
  std::vector<TablePlan> plans;
  for (const Table& table : Tables()) {
    TablePlan plan{&table, {}};
    for (const Variable& variable : table.variables) {
      if (names.contains(variable.described.name())) plan.columns.push_back(&variable);
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
