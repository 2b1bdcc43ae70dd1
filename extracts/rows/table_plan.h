// The tables that a request asks for, with the columns of each, and rows of them.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "extracts/variables/variables.h"

namespace kpr::extract {

// Every value is a number: codes and counts as they are, decimals in hundredths, dates in days since
// 1970-01-01, tokens as their 64 bits, texts as their bytes, the first one highest.
using Value = int64_t;
inline constexpr Value kMissing = std::numeric_limits<Value>::min();

// Of rare codes together, where they are grouped.
inline constexpr Value kOtherCode = -1;
inline constexpr char kOtherText[] = "other";

bool IsCode(const Variable& variable);  // a number or text that stands for something

struct TablePlan {
  const Table* table = nullptr;
  std::vector<const Variable*> columns;  // in catalogue order, behind the token of the person

  size_t width() const { return columns.size() + 1; }
};

// In catalogue order; persons always.
std::vector<TablePlan> TablesOf(const v1::ExtractRequest& request);

// Rows of one table, one after the other.
struct Rows {
  size_t width = 1;
  std::vector<Value> values;

  size_t size() const { return values.size() / width; }
  std::span<const Value> operator[](size_t i) const { return {values.data() + i * width, width}; }
};

Value PackToken(uint64_t token);
uint64_t UnpackToken(Value value);
// At most 8 bytes, what is no letter, digit or sign of a code replaced; and back.
Value PackText(std::string_view text);
std::string UnpackText(Value value);

}  // namespace kpr::extract
