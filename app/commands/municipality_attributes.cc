#include "app/commands/municipality_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

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
  Reader(const std::string& path, Date day) : day_(day) { file_.path = path; }

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
    const auto last_day = Date::Parse(digits + "-12-31");
    if (!last_day) return Error(fmt::format("'{}': expected a year", CutText(digits, kShownBytes)));
    const int year = last_day->year();
    const auto municipality = Municipality::Parse(code);
    if (!municipality || MunicipalityOn(*municipality, *last_day) != CodeValidity::kInForce) {
      return Error(fmt::format("'{}': expected the number of a municipality of {}",
                               CutText(code, kShownBytes), digits));
    }
    if (!seen_.insert({code, year}).second) return Error(fmt::format("{} {} is there twice", code, year));
    if (year > day_.year()) return {};
    const std::optional<Municipality> now = WholeOn(*municipality, *last_day);
    file_.unused_rows += now ? 0 : 1;
    if (!now) return {};
    AttributeRow& row = file_.rows[now->ToString()];
    if (row.line == 0 || row.year < year) row = {year, line_, {cells.begin() + kKeys, cells.end()}};
    return {};
  }

  // The municipality that all of this one, and nothing else, is on the day of the report.
  std::optional<Municipality> WholeOn(Municipality municipality, Date then) const {
    const std::vector<Municipality> after = Descendants(municipality, day_);
    if (after.size() != 1 || Ancestors(after.front(), then).size() != 1) return std::nullopt;
    return after.front();
  }

  Date day_;
  AttributeFile file_;
  std::set<std::pair<std::string, int>> seen_;
  char separator_ = ',';
  int line_ = 0;
};

}  // namespace

Result<AttributeFile> ReadAttributes(const std::string& path, Date day) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Invalid(fmt::format("{}: cannot be read", path));
  std::string text(limits::kAttributeFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return DataLoss(fmt::format("{}: cannot be read to its end", path));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > limits::kAttributeFileBytes)
    return Invalid(fmt::format("{}: more than {} bytes", path, limits::kAttributeFileBytes));
  if (!IsUtf8(text)) return Invalid(fmt::format("{}: expected UTF-8", path));
  Reader reader(path, day);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) KPR_RETURN_IF_ERROR(reader.Read(line));
  return reader.Finish();
}

}  // namespace kpr
