// The files of an edition, line by line.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "registry/codelists/edition.h"
#include "registry/codelists/list_file.h"

namespace kpr {
namespace {

constexpr uint32_t kMostServiceType = 127;  // base/code_set.h
constexpr uint16_t kMostCounty = 99;
constexpr size_t kShownBytes = 40;

template <typename Number>
std::optional<Number> ParseWhole(const std::string& text, Number most) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number > most)
    return std::nullopt;
  return number;
}

class EditionReader {
 public:
  Result<Edition> Read(const std::vector<embedded::File>& given) {
    for (const embedded::File& file : given) {
      const bool known = std::any_of(BuiltInCodeLists().begin(), BuiltInCodeLists().end(),
                                     [&](const embedded::File& own) { return own.name == file.name; });
      if (!known) return Invalid(fmt::format("{}: not the name of a code list", file.name));
    }
    uint64_t hash = Fnv1a("code lists");
    for (const embedded::File& own : BuiltInCodeLists()) {
      const auto it =
          std::find_if(given.begin(), given.end(), [&](const auto& file) { return file.name == own.name; });
      const embedded::File& file = it == given.end() ? own : *it;
      KPR_RETURN_IF_ERROR(ReadFile(file));
      edition_.files.push_back(file);
      hash = Fnv1a(file.content, Fnv1a(file.name, hash));
    }
    edition_.version = fmt::format("{:016x}", hash);
    KPR_RETURN_IF_ERROR(Finish());
    return std::move(edition_);
  }

 private:
  using ReadRow = Status (EditionReader::*)(const std::vector<std::string>&);
  struct Format {
    const char* name;
    const char* heading;
    ReadRow row;
  };
  static constexpr size_t kLists = 5;
  static const Format kFormats[kLists];

  Status Error(const std::string& what) const {
    return Invalid(fmt::format("{}:{}: {}", name_, line_, what));
  }

  Status ReadFile(const embedded::File& file) {
    const Format& format = *std::find_if(std::begin(kFormats), std::end(kFormats),
                                         [&](const Format& f) { return file.name == f.name; });
    KPR_ASSIGN_OR_RETURN(const std::vector<ListRow> rows,
                         ReadList(file, format.heading, limits::kCodeListBytes));
    name_ = file.name;
    for (const ListRow& row : rows) {
      line_ = row.line;
      KPR_RETURN_IF_ERROR((this->*format.row)(row.cells));
    }
    return {};
  }

  Result<Validity> ReadValidity(const std::string& name, const std::string& from,
                                const std::string& until) const {
    Validity row{name, kFirstDate, kNoEnd};
    if (name.empty()) return Error("the name is empty");
    for (const auto& [text, date] : {std::pair(&from, &row.from), {&until, &row.until}}) {
      if (text->empty()) continue;
      const auto parsed = Date::Parse(*text);
      if (!parsed) return Error(fmt::format("'{}' is not a date YYYY-MM-DD", CutText(*text, kShownBytes)));
      if (parsed->year() > kLastListedYear)
        return Error(fmt::format("{}: this version knows years up to {}", *text, kLastListedYear));
      *date = *parsed;
    }
    if (row.from >= row.until) return Error("ends before it begins");
    return row;
  }

  Result<Municipality> ReadCode(const std::string& text) const {
    const auto code = Municipality::Parse(text);
    if (!code || code->code == 0)
      return Error(fmt::format("'{}' is not a municipality's four digits", CutText(text, kShownBytes)));
    return *code;
  }

  Status ReadMunicipality(const std::vector<std::string>& c) {
    KPR_ASSIGN_OR_RETURN(const Municipality code, ReadCode(c[0]));
    KPR_ASSIGN_OR_RETURN(Validity row, ReadValidity(c[1], c[2], c[3]));
    // The classification starts in 2011; before that a code is taken as it stood then.
    if (row.from == Date::FromYmd(2011, 1, 1)) row.from = kFirstDate;
    std::vector<Validity>& rows = edition_.municipalities[code.code];
    for (const Validity& other : rows) {
      if (row.from < other.until && other.from < row.until)
        return Error(
            fmt::format("{} is in force twice on {}", c[0], std::max(row.from, other.from).ToString()));
    }
    rows.push_back(std::move(row));
    return {};
  }

  bool InForce(uint16_t code, Date day) const {
    const auto it = edition_.municipalities.find(code);
    return it != edition_.municipalities.end() &&
           std::any_of(it->second.begin(), it->second.end(),
                       [&](const Validity& row) { return row.In(day); });
  }

  Status ReadChange(const std::vector<std::string>& c) {
    const auto on = Date::Parse(c[0]);
    if (!on) return Error(fmt::format("'{}' is not a date YYYY-MM-DD", CutText(c[0], kShownBytes)));
    KPR_ASSIGN_OR_RETURN(const Municipality from, ReadCode(c[1]));
    KPR_ASSIGN_OR_RETURN(const Municipality to, ReadCode(c[3]));
    if (from == to) return {};  // of its name alone
    for (const auto& [code, day] : {std::pair(from, *on - 1), {to, *on}}) {
      if (!InForce(code.code, day))
        return Error(
            fmt::format("{} is not in force on {} in municipalities.csv", code.ToString(), day.ToString()));
    }
    edition_.before.emplace(to.code, from.code);
    std::vector<CodeChange>& changes = edition_.changes[from.code];
    const auto same_day = std::find_if(changes.begin(), changes.end(),
                                       [&](const CodeChange& change) { return change.on == *on; });
    if (same_day == changes.end()) {
      changes.push_back({*on, {to.code}});
    } else if (std::find(same_day->to.begin(), same_day->to.end(), to.code) != same_day->to.end()) {
      return Error(fmt::format("{} becomes {} twice", from.ToString(), to.ToString()));
    } else {
      same_day->to.push_back(to.code);
    }
    return {};
  }

  Status ReadServiceType(const std::vector<std::string>& c) {
    const auto code = ParseWhole<uint32_t>(c[0], kMostServiceType);
    if (!code || *code == 0)
      return Error(
          fmt::format("'{}' is not a code of 1 to {}", CutText(c[0], kShownBytes), kMostServiceType));
    if (c[3] != "yes" && c[3] != "no") return Error("provider_required is yes or no");
    KPR_ASSIGN_OR_RETURN(const Validity row, ReadValidity(c[4], c[1], c[2]));
    if (!edition_.service_types.emplace(*code, ServiceTypeRow{row, c[3] == "yes"}).second)
      return Error(fmt::format("{} is there twice", *code));
    return {};
  }

  Status ReadCounty(const std::vector<std::string>& c) {
    const auto code = ParseWhole<uint16_t>(c[0], kMostCounty);
    if (!code || *code == 0 || c[0].size() != 2)
      return Error(fmt::format("'{}' is not a county's two digits", CutText(c[0], kShownBytes)));
    if (c[1].empty()) return Error("the name is empty");
    if (!edition_.counties.emplace(*code, c[1]).second) return Error(fmt::format("{} is there twice", c[0]));
    return {};
  }

  Status ReadSizeGroup(const std::vector<std::string>& c) {
    const auto from = ParseWhole<int64_t>(c[0], limits::kSizeGroupInhabitants);
    const int64_t after = edition_.size_groups.empty() ? -1 : edition_.size_groups.back().inhabitants_from;
    if (!from || *from <= after) return Error("inhabitants_from begins at 0 and rises");
    if (edition_.size_groups.empty() && *from != 0) return Error("the first group begins at 0");
    if (edition_.size_groups.size() == limits::kSizeGroups)
      return Error(fmt::format("more than {} groups", limits::kSizeGroups));
    if (c[1].empty()) return Error("the name is empty");
    edition_.size_groups.push_back({*from, c[1]});
    return {};
  }

  Status Finish() {
    if (edition_.size_groups.empty()) return Invalid("size_groups.csv: no group");
    for (auto& [code, rows] : edition_.municipalities) {
      std::sort(rows.begin(), rows.end(),
                [](const Validity& a, const Validity& b) { return a.from < b.from; });
      edition_.ends.Set({code}, rows.back().until);
      KPR_RETURN_IF_ERROR(CheckFollowed(code, rows.back().until));
      if (!edition_.counties.contains(Municipality{code}.county()))
        return Invalid(fmt::format("counties.csv: no county {:02} of municipality {:04}",
                                   Municipality{code}.county(), code));
    }
    edition_.ends_text = edition_.ends.Encode();
    for (auto& [code, changes] : edition_.changes)
      std::sort(changes.begin(), changes.end(),
                [](const CodeChange& a, const CodeChange& b) { return a.on < b.on; });
    return {};
  }

  // What nothing follows would be in no municipality, and in no county.
  Status CheckFollowed(uint16_t code, Date until) const {
    if (until == kNoEnd) return {};
    const auto it = edition_.changes.find(code);
    const bool followed = it != edition_.changes.end() &&
                          std::any_of(it->second.begin(), it->second.end(),
                                      [&](const CodeChange& change) { return change.on == until; });
    if (followed) return {};
    return Invalid(
        fmt::format("code_changes.csv: nothing follows {:04}, which ends on {}", code, until.ToString()));
  }

  Edition edition_;
  std::string name_;
  int line_ = 0;
};

const EditionReader::Format EditionReader::kFormats[kLists] = {
    {"municipalities.csv", "code,name,valid_from,valid_to", &EditionReader::ReadMunicipality},
    {"code_changes.csv", "date,old_code,old_name,new_code,new_name", &EditionReader::ReadChange},
    {"service_types.csv", "code,valid_from,valid_to,provider_required,name", &EditionReader::ReadServiceType},
    {"counties.csv", "code,name", &EditionReader::ReadCounty},
    {"size_groups.csv", "inhabitants_from,name", &EditionReader::ReadSizeGroup}};

}  // namespace

const std::vector<embedded::File>& BuiltInCodeLists() {
  static const std::vector<embedded::File> files = embedded::CodeLists();
  return files;
}

Result<Edition> ReadEdition(const std::vector<embedded::File>& files) {
  return EditionReader().Read(files);
}

}  // namespace kpr
