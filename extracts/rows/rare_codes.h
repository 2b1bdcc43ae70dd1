// Codes that few persons have, given as one code: "other". Pure; not thread-safe.
#pragma once

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "extracts/rows/table_plan.h"

namespace kpr::extract {

// Counts how many persons have each code in each column, and finds those that are given as "other": whatever
// fewer than k persons have, and of the rest the least common, until k persons or all who have any code have
// "other". Of what could point to a person only the rare ones: whoever is in too small a class is left out,
// and common codes stay as they are.
class RareCodes {
 public:
  // `tables`: of the request, only read here.
  RareCodes(const std::vector<TablePlan>& tables, uint32_t k);

  // The rows of one more person. kResourceExhausted: more different codes than limits::kExtractCodes.
  Status Add(const std::vector<Rows>& tables);
  std::vector<v1::GroupedCodes> Find() const;

 private:
  struct Having {
    uint64_t count = 0;
    std::vector<uint32_t> first;  // the first k of them
  };
  struct Column {
    std::string name;
    size_t table = 0, column = 0;  // as in a row: 0 is the token
    bool identifying = false;
    std::map<Value, Having> codes;
  };
  v1::GroupedCodes Rare(const Column& column) const;

  const uint32_t k_;
  std::vector<Column> columns_;
  uint32_t persons_ = 0;
};

// What Find has found, to give rows by.
class CodeGroups {
 public:
  CodeGroups() = default;  // nothing is grouped
  // `tables` outlive it.
  CodeGroups(const std::vector<TablePlan>& tables, std::span<const v1::GroupedCodes> grouped);

  Value Grouped(const Variable& variable, Value value) const;

 private:
  std::unordered_map<const Variable*, std::vector<Value>> values_;  // sorted
};

}  // namespace kpr::extract
