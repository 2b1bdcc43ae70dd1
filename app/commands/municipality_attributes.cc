#include "app/commands/municipality_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>

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

class Reader {
 public:
  Reader(const std::string& path, Date day) : day_(day), known_(MunicipalitiesOn(day)) { file_.path = path; }

  Status Read(const std::string& line) {
    ++line_;
    if (line_ == 1) return ReadHeading(line.starts_with(kByteOrderMark) ? line.substr(3) : line);
    if (line.find_first_not_of(" \t\r") == std::string::npos) return {};
    return ReadRow(Split(line, separator_));
  }

  Result<AttributeFile> Finish() {
    if (file_.attributes.empty()) return Error("expected a first line 'municipality,year,' and names");
    if (file_.rows.empty())
      return Invalid(fmt::format("{}: no municipality up to {}", file_.path, day_.year()));
    return std::move(file_);
  }

 private:
  Status Error(const std::string& what) const {
    return Invalid(fmt::format("{}:{}: {}", file_.path, std::max(line_, 1), what));
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

  Status ReadRow(const std::vector<std::string>& cells) {
    if (cells.size() != file_.attributes.size() + kKeys) {
      return Error(fmt::format("{} cells: expected {}, as in the first line (numbers with a point)",
                               cells.size(), file_.attributes.size() + kKeys));
    }
    const std::string &code = cells[0], &digits = cells[1];
    int year = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), year);
    if (digits.size() != 4 || end.ptr != digits.data() + digits.size())
      return Error(fmt::format("'{}': expected a year", CutText(digits, kShownBytes)));
    const auto municipality = Municipality::Parse(code);
    const bool in_force =
        municipality && std::find(known_.begin(), known_.end(), *municipality) != known_.end();
    if (!municipality || (year == day_.year() && !in_force)) {
      return Error(
          fmt::format("'{}': expected the number of a municipality of {}", CutText(code, kShownBytes), year));
    }
    if (!seen_.insert({code, year}).second) return Error(fmt::format("{} {} is there twice", code, year));
    if (!in_force || year > day_.year()) return {};
    AttributeRow& row = file_.rows[code];
    if (row.line == 0 || row.year < year) row = {year, line_, {cells.begin() + kKeys, cells.end()}};
    return {};
  }

  Date day_;
  std::vector<Municipality> known_;
  AttributeFile file_;
  std::set<std::pair<std::string, int>> seen_;
  char separator_ = ',';
  int line_ = 0;
};

}  // namespace

Result<AttributeFile> ReadAttributes(const std::string& path, Date day) {
  std::ifstream file(path);
  if (!file) return Invalid(fmt::format("{}: cannot be read", path));
  Reader reader(path, day);
  size_t bytes = 0;
  for (std::string line; std::getline(file, line);) {
    bytes += line.size() + 1;
    if (bytes > limits::kAttributeFileBytes)
      return Invalid(fmt::format("{}: more than {} bytes", path, limits::kAttributeFileBytes));
    KPR_RETURN_IF_ERROR(reader.Read(line));
  }
  if (file.bad()) return DataLoss(fmt::format("{}: cannot be read to its end", path));
  return reader.Finish();
}

}  // namespace kpr
