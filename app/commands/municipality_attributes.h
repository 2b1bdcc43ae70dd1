// Attributes of municipalities from a file, year by year: what the register does not hold itself.
//
//   municipality,year,centrality,kostra_group
//   0301,2024,1000,13
//   1103,2023,959,
//
// A cell that is empty is not known. Commas or semicolons, points in numbers, no quotes, UTF-8.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"

namespace kpr {

struct AttributeRow {
  int year = 0, line = 0;
  std::vector<std::string> cells;  // by attribute
};

struct AttributeFile {
  std::string path;
  std::vector<std::string> attributes;
  std::map<std::string, AttributeRow> rows;  // by municipality, the newest year that is not after the day
  uint32_t unused_rows = 0;                  // of codes that were merged or split since
};

// Errors name file and line. Codes are those in force in the row's year; where nothing but the code has
// changed since, the row is of the code that follows.
Result<AttributeFile> ReadAttributes(const std::string& path, Date day);

}  // namespace kpr
