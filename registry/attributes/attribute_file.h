// Attributes of municipalities by year, as a file tells them: a column for each attribute.
//
//   municipality,year,centrality,kostra_group
//   0301,2024,1000,13
//   1103,2023,959,
//
// A cell that is empty is not known. Commas or semicolons, points in numbers, no quotes, UTF-8. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/ids.h"
#include "base/status.h"

namespace kpr {

struct AttributeRow {
  Municipality municipality;  // in force at the end of the year
  int year = 0, line = 0;
  std::vector<std::string> cells;  // by attribute
};

struct AttributeFile {
  std::string name;  // as errors name it
  std::vector<std::string> attributes;
  std::vector<AttributeRow> rows;
};

// Errors name file and line.
Result<AttributeFile> ReadAttributeFile(const std::string& name, const std::string& content);

struct NewestRows {
  std::map<std::string, const AttributeRow*> rows;  // by municipality of the structure year
  uint32_t unused = 0;                              // of codes that were merged or split since
};

// Of each municipality the newest row that is of neither a later year than `year` nor than the structure's.
// Where nothing but the code has changed since, a row is of the code that follows. The file must live.
NewestRows NewestRowsOf(const AttributeFile& file, int year, int structure_year);

// By municipality of `day`: the codes of `then` that became it or a part of it, itself among them.
using MunicipalityParts = std::map<Municipality, std::vector<Municipality>>;
MunicipalityParts PartsOf(Date then, Date day);

// A cell that is a number.
std::optional<double> ParseAttribute(const std::string& cell);

}  // namespace kpr
