#include "app/commands/table.h"

#include <algorithm>

namespace kpr {
namespace {

// Columns on a screen: bytes that do not continue a UTF-8 character.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool IsNumber(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.-+%") == std::string::npos;
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

void PrintTable(const TextTable& table, std::ostream* out) {
  std::vector<size_t> widths;
  for (const auto& heading : table.headings) widths.push_back(Width(heading));
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  const auto print = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string fill(widths[i] - Width(row[i]), ' ');
      *out << (i ? "  " : "") << (IsNumber(row[i]) ? fill + row[i] : row[i] + fill);
    }
    *out << '\n';
  };
  print(table.headings);
  std::vector<std::string> rule;
  for (size_t width : widths) rule.emplace_back(width, '-');
  print(rule);
  for (const auto& row : table.rows) print(row);
}

void PrintCsv(const TextTable& table, std::ostream* out) {
  const auto print = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) *out << (i ? "," : "") << CsvField(row[i]);
    *out << "\r\n";
  };
  print(table.headings);
  for (const auto& row : table.rows) print(row);
}

}  // namespace kpr
