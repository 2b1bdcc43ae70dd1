#include "extracts/rows/rare_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/limits.h"

namespace kpr::extract {

namespace {

Value OtherCode(const Variable& variable) {
  return variable.described.type() == v1::VARIABLE_TYPE_TEXT ? PackText(kOtherText) : kOtherCode;
}

}  // namespace

RareCodes::RareCodes(const std::vector<TablePlan>& tables, uint32_t k) : k_(k) {
  for (size_t t = 0; t < tables.size(); ++t) {
    for (size_t c = 0; c < tables[t].columns.size(); ++c) {
      const Variable& variable = *tables[t].columns[c];
      if (IsCode(variable))
        columns_.push_back({variable.described.name(),
                            t,
                            c + 1,
                            variable.described.sensitivity() == v1::SENSITIVITY_POINTS_TO_PERSON,
                            {}});
    }
  }
}

Status RareCodes::Add(const std::vector<Rows>& tables) {
  for (Column& column : columns_) {
    std::set<Value> own;
    const Rows& rows = tables[column.table];
    for (size_t i = 0; i < rows.size(); ++i) own.insert(rows[i][column.column]);
    own.erase(kMissing);
    for (const Value code : own) {
      Having& having = column.codes[code];
      ++having.count;
      if (having.first.size() < k_) having.first.push_back(persons_);
    }
    if (column.codes.size() > limits::kExtractCodes)
      return ResourceExhausted(
          fmt::format("{}: more than {} different codes; leave it out", column.name, limits::kExtractCodes));
  }
  ++persons_;
  return {};
}

v1::GroupedCodes RareCodes::Rare(const Column& column) const {
  std::vector<std::pair<uint64_t, Value>> codes;  // the least common first
  for (const auto& [code, having] : column.codes) codes.emplace_back(having.count, code);
  std::sort(codes.begin(), codes.end());
  std::set<uint32_t> persons;
  v1::GroupedCodes rare;
  rare.set_variable(column.name);
  for (const auto& [count, code] : codes) {
    if (count >= k_ && (column.identifying || persons.empty() || persons.size() >= k_)) break;
    const Having& having = column.codes.at(code);
    persons.insert(having.first.begin(), having.first.end());
    rare.add_values(code);
  }
  std::sort(rare.mutable_values()->begin(), rare.mutable_values()->end());
  return rare;
}

std::vector<v1::GroupedCodes> RareCodes::Find() const {
  std::vector<v1::GroupedCodes> grouped;
  for (const Column& column : columns_) {
    v1::GroupedCodes rare = Rare(column);
    if (!rare.values().empty()) grouped.push_back(std::move(rare));
  }
  return grouped;
}

CodeGroups::CodeGroups(const std::vector<TablePlan>& tables, std::span<const v1::GroupedCodes> grouped) {
  for (const TablePlan& table : tables) {
    for (const Variable* variable : table.columns) {
      const auto one = std::find_if(grouped.begin(), grouped.end(), [&](const v1::GroupedCodes& codes) {
        return codes.variable() == variable->described.name();
      });
      if (one != grouped.end()) values_[variable].assign(one->values().begin(), one->values().end());
    }
  }
}

Value CodeGroups::Grouped(const Variable& variable, Value value) const {
  if (values_.empty()) return value;
  const auto rare = values_.find(&variable);
  const bool grouped =
      rare != values_.end() && std::binary_search(rare->second.begin(), rare->second.end(), value);
  return grouped ? OtherCode(variable) : value;
}

}  // namespace kpr::extract
