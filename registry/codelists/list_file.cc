#include "registry/codelists/list_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/text.h"

namespace kpr {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

std::vector<std::string> CellsOf(std::string line, size_t count) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  std::vector<std::string> cells;
  while (cells.size() + 1 < count && line.find(',') != std::string::npos) {
    cells.push_back(line.substr(0, line.find(',')));
    line.erase(0, line.find(',') + 1);
  }
  cells.push_back(line);
  return cells;
}

}  // namespace

Result<std::vector<ListRow>> ReadList(const embedded::File& file, const std::string& heading, size_t most) {
  const auto columns = static_cast<size_t>(std::count(heading.begin(), heading.end(), ',')) + 1;
  int line = 1;
  const auto error = [&](const std::string& what) {
    return Invalid(fmt::format("{}:{}: {}", file.name, line, what));
  };
  if (file.content.size() > most)
    return error(fmt::format("{} bytes: at most {}", file.content.size(), most));
  if (!IsUtf8(file.content)) return error("is not UTF-8");
  std::istringstream in(file.content);
  std::string text;
  std::getline(in, text);
  if (text.starts_with(kByteOrderMark)) text.erase(0, sizeof kByteOrderMark - 1);
  if (CellsOf(text, 1).front() != heading)
    return error(fmt::format("expected the first line '{}', with commas", heading));
  std::vector<ListRow> rows;
  while (std::getline(in, text)) {
    ++line;
    if (CellsOf(text, 1).front().empty()) continue;
    ListRow row{line, CellsOf(text, columns)};
    if (row.cells.size() != columns)
      return error(fmt::format("{} cells: expected {}, '{}'", row.cells.size(), columns, heading));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace kpr
