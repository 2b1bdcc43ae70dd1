// Rows of text as an aligned table, CSV (RFC 4180) or nothing more than lines.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace kpr {

struct TextTable {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
};

void PrintTable(const TextTable& table, std::ostream* out);
void PrintCsv(const TextTable& table, std::ostream* out);

}  // namespace kpr
