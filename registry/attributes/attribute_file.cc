#include "registry/attributes/attribute_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";
constexpr size_t kKeys = 2;  // municipality, year
constexpr size_t kShownBytes = 40;

std::vector<std::string> Split(const std::string& line, char separator) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == separator) cells.emplace_back();
    if (c != separator && c != '\r') cells.back() += c;
  }
  for (std::string& cell : cells) {
    cell.erase(0, cell.find_first_not_of(" \t"));
    cell.erase(cell.find_last_not_of(" \t") + 1);
  }
  return cells;
}

class AttributeReader {
 public:
  explicit AttributeReader(const std::string& name) { file_.name = name; }

  Status Read(const std::string& line) {
    ++line_;
    if (line_ == 1) return ReadHeading(line.starts_with(kByteOrderMark) ? line.substr(3) : line);
    if (line.find_first_not_of(" \t\r") == std::string::npos) return {};
    return ReadRow(Split(line, separator_));
  }

  Result<AttributeFile> Finish() {
    if (file_.attributes.empty()) return Error("expected a first line 'municipality,year,' and names");
    return std::move(file_);
  }

 private:
  Status Error(const std::string& what) const {
    return Invalid(fmt::format("{}:{}: {}", file_.name, std::max(line_, 1), what));
  }

  Status ReadHeading(const std::string& line) {
    separator_ = line.starts_with("municipality;") ? ';' : ',';
    const std::vector<std::string> names = Split(line, separator_);
    if (names.size() <= kKeys || names[0] != "municipality" || names[1] != "year")
      return Error("expected a first line 'municipality,year,' and the attributes' names");
    for (size_t i = kKeys; i < names.size(); ++i) {
      if (names[i].empty()) return Error(fmt::format("the name of column {} is empty", i + 1));
      if (std::find(names.begin(), names.begin() + i, names[i]) != names.begin() + i)
        return Error(fmt::format("'{}' is there twice", CutText(names[i], kShownBytes)));
      file_.attributes.push_back(names[i]);
    }
    if (file_.attributes.size() > limits::kAttributes)
      return Error(fmt::format("{} attributes: at most {}", file_.attributes.size(), limits::kAttributes));
    return {};
  }

  Status ReadRow(std::vector<std::string> cells) {
    if (cells.size() != file_.attributes.size() + kKeys) {
      return Error(fmt::format("{} cells: expected {}, as in the first line (numbers with a point)",
                               cells.size(), file_.attributes.size() + kKeys));
    }
    const std::string code = cells[0], digits = cells[1];
    const auto last_day = Date::Parse(digits + "-12-31");
    if (!last_day) return Error(fmt::format("'{}': expected a year", CutText(digits, kShownBytes)));
    const auto municipality = Municipality::Parse(code);
    if (!municipality || MunicipalityOn(*municipality, *last_day) != CodeValidity::kInForce) {
      return Error(fmt::format("'{}': expected the number of a municipality of {}",
                               CutText(code, kShownBytes), digits));
    }
    if (!seen_.insert({code, last_day->year()}).second)
      return Error(fmt::format("{} {} is there twice", code, digits));
    cells.erase(cells.begin(), cells.begin() + kKeys);
    file_.rows.push_back({*municipality, last_day->year(), line_, std::move(cells)});
    return {};
  }

  AttributeFile file_;
  std::set<std::pair<std::string, int>> seen_;
  char separator_ = ',';
  int line_ = 0;
};

}  // namespace

Result<AttributeFile> ReadAttributeFile(const std::string& name, const std::string& content) {
  if (content.size() > limits::kAttributeFileBytes)
    return Invalid(fmt::format("{}: more than {} bytes", name, limits::kAttributeFileBytes));
  if (!IsUtf8(content)) return Invalid(fmt::format("{}: expected UTF-8", name));
  AttributeReader reader(name);
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) KPR_RETURN_IF_ERROR(reader.Read(line));
  return reader.Finish();
}

MunicipalityParts PartsOf(Date then, Date day) {
  MunicipalityParts parts;
  for (const Municipality before : MunicipalitiesOn(then)) {
    for (const Municipality after : Descendants(before, day)) parts[after].push_back(before);
  }
  return parts;
}

NewestRows NewestRowsOf(const AttributeFile& file, int year, int structure_year) {
  const Date day = Date::FromYmd(structure_year, 12, 31);
  std::map<int, MunicipalityParts> parts;  // by year
  NewestRows found;
  for (const AttributeRow& row : file.rows) {
    if (row.year > std::min(year, structure_year)) continue;
    const auto [of_year, fresh] = parts.try_emplace(row.year);
    if (fresh) of_year->second = PartsOf(Date::FromYmd(row.year, 12, 31), day);
    const std::vector<Municipality> after = Descendants(row.municipality, day);
    // All of this one, and nothing else.
    const bool whole = after.size() == 1 && of_year->second[after.front()] == std::vector{row.municipality};
    found.unused += whole ? 0 : 1;
    if (!whole) continue;
    const AttributeRow*& newest = found.rows[after.front().ToString()];
    if (newest == nullptr || newest->year < row.year) newest = &row;
  }
  return found;
}

std::optional<double> ParseAttribute(const std::string& cell) {
  double number = 0;
  const auto end = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  if (end.ec != std::errc() || end.ptr != cell.data() + cell.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

}  // namespace kpr
