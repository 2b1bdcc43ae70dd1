#include "registry/attributes/municipality_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "base/text.h"
#include "registry/codelists/codelists.h"
#include "registry/codelists/list_file.h"

namespace kpr {
namespace {

constexpr char kAttributes[] = "attributes.csv", kGroups[] = "groups.csv";
constexpr size_t kShownCellBytes = 40;

bool IsName(const std::string& id) {
  return !id.empty() && id.size() <= kShownCellBytes &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

class MunicipalityDataReader {
 public:
  Result<MunicipalityData> Read(const std::vector<embedded::File>& given) {
    std::vector<embedded::File> files = given;
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    if (files.size() > limits::kAttributeFiles)
      return Invalid(fmt::format("{} files: at most {}", files.size(), limits::kAttributeFiles));
    uint64_t hash = Fnv1a("municipality data");
    for (const embedded::File& file : files) {
      hash = Fnv1a(file.content, Fnv1a(file.name, hash));
      KPR_RETURN_IF_ERROR(ReadFile(file));
    }
    data_.version = fmt::format("{:016x}", hash);
    KPR_RETURN_IF_ERROR(FindColumns());
    return std::move(data_);
  }

 private:
  using ReadRow = Status (MunicipalityDataReader::*)(const std::vector<std::string>&);

  Status Error(const std::string& what) const {
    return Invalid(fmt::format("{}:{}: {}", name_, line_, what));
  }

  Status ReadFile(const embedded::File& file) {
    if (file.name == kAttributes)
      return ReadRows(file, "attribute,kind,source,name", &MunicipalityDataReader::ReadAttribute);
    if (file.name == kGroups)
      return ReadRows(file, "group,municipality,valid_from,valid_to,name",
                      &MunicipalityDataReader::ReadMember);
    KPR_ASSIGN_OR_RETURN(AttributeFile read, ReadAttributeFile(file.name, file.content));
    data_.files.push_back(std::move(read));
    return {};
  }

  Status ReadRows(const embedded::File& file, const char* heading, ReadRow read_row) {
    KPR_ASSIGN_OR_RETURN(const std::vector<ListRow> rows,
                         ReadList(file, heading, limits::kAttributeFileBytes));
    name_ = file.name;
    for (const ListRow& row : rows) {
      line_ = row.line;
      KPR_RETURN_IF_ERROR((this->*read_row)(row.cells));
    }
    return {};
  }

  Status ReadAttribute(const std::vector<std::string>& c) {
    if (c[0].empty() || c[0].find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
      return Error(
          fmt::format("'{}': an attribute is named by a-z, 0-9 and _", CutText(c[0], kShownCellBytes)));
    if (c[1] != "number" && c[1] != "category") return Error("kind is number or category");
    if (c[2].empty()) return Error("the source is empty: who publishes it?");
    if (c[3].empty()) return Error("the name is empty");
    if (std::max(c[2].size(), c[3].size()) > limits::kAttributeTextBytes)
      return Error(fmt::format("source and name have at most {} bytes", limits::kAttributeTextBytes));
    for (const AttributeKind& other : data_.attributes) {
      if (other.id == c[0]) return Error(fmt::format("{} is there twice", c[0]));
    }
    if (data_.attributes.size() == limits::kHeldAttributes)
      return Error(fmt::format("more than {} attributes", limits::kHeldAttributes));
    data_.attributes.push_back({c[0], c[2], c[3], c[1] == "category"});
    return {};
  }

  Result<Date> ReadDay(const std::string& text, Date empty) const {
    if (text.empty()) return empty;
    const auto day = Date::Parse(text);
    if (!day) return Error(fmt::format("'{}' is not a date YYYY-MM-DD", CutText(text, kShownCellBytes)));
    return *day;
  }

  Status ReadMember(const std::vector<std::string>& c) {
    if (!IsName(c[0]))
      return Error(fmt::format("'{}': a group is named by a-z, 0-9 and _", CutText(c[0], kShownCellBytes)));
    const auto municipality = Municipality::Parse(c[1]);
    if (c[2].empty()) return Error("valid_from is empty");
    KPR_ASSIGN_OR_RETURN(const Date from, ReadDay(c[2], kFirstDate));
    KPR_ASSIGN_OR_RETURN(const Date until, ReadDay(c[3], kNoEnd));
    if (from >= until) return Error("ends before it begins");
    if (!municipality || MunicipalityOn(*municipality, from) != CodeValidity::kInForce) {
      return Error(fmt::format("'{}': expected the number of a municipality of {}",
                               CutText(c[1], kShownCellBytes), from.ToString()));
    }
    if (c[4].empty() || c[4].size() > limits::kAttributeTextBytes)
      return Error(fmt::format("a name has 1 to {} bytes", limits::kAttributeTextBytes));
    if (!data_.groups.contains(c[0]) && data_.groups.size() == limits::kMunicipalityGroups)
      return Error(fmt::format("more than {} groups", limits::kMunicipalityGroups));
    MunicipalityGroup& group = data_.groups[c[0]];
    if (!group.members.empty() && group.name != c[4])
      return Error(fmt::format("{} is '{}' above", c[0], group.name));
    group.name = c[4];
    if (group.members.size() == limits::kGroupMembers)
      return Error(fmt::format("more than {} rows of {}", limits::kGroupMembers, c[0]));
    for (const GroupMember& other : group.members) {
      if (other.municipality == *municipality && from < other.until && other.from < until)
        return Error(
            fmt::format("{} is in {} twice on {}", c[1], c[0], std::max(from, other.from).ToString()));
    }
    group.members.push_back({*municipality, from, until});
    return {};
  }

  // Each column has a row that says what it is, each row a column, and each number is one.
  Status FindColumns() {
    std::set<std::string> found;
    for (size_t f = 0; f < data_.files.size(); ++f) {
      const AttributeFile& file = data_.files[f];
      for (size_t column = 0; column < file.attributes.size(); ++column) {
        const std::string& id = file.attributes[column];
        const auto kind = std::find_if(data_.attributes.begin(), data_.attributes.end(),
                                       [&](const AttributeKind& k) { return k.id == id; });
        if (kind == data_.attributes.end())
          return Invalid(fmt::format("{}: {} has no row for the column '{}'", file.name, kAttributes,
                                     CutText(id, kShownCellBytes)));
        if (!found.insert(id).second)
          return Invalid(fmt::format("{}: '{}' is a column of another file as well", file.name, id));
        kind->file = f;
        kind->column = column;
        KPR_RETURN_IF_ERROR(CheckCells(file, *kind));
      }
    }
    for (const AttributeKind& kind : data_.attributes) {
      if (!found.contains(kind.id))
        return Invalid(fmt::format("{}: no file has the column '{}'", kAttributes, kind.id));
    }
    return {};
  }

  static Status CheckCells(const AttributeFile& file, const AttributeKind& kind) {
    for (const AttributeRow& row : file.rows) {
      const std::string& cell = row.cells[kind.column];
      const bool fits = cell.size() <= kShownCellBytes && cell != kUnknownCategory;
      const bool good = cell.empty() || (fits && (kind.category || ParseAttribute(cell)));
      if (good) continue;
      return Invalid(fmt::format(
          "{}:{}: {} '{}': expected {}", file.name, row.line, kind.id, CutText(cell, kShownCellBytes),
          kind.category ? "at most 40 bytes, and nothing where it is unknown" : "a number, with a point"));
    }
    return {};
  }

  MunicipalityData data_;
  std::string name_;
  int line_ = 0;
};

// What the municipality is on `day`, where all that is in it then was in `members` before.
std::optional<Municipality> Followed(Municipality municipality, const std::set<Municipality>& members,
                                     const MunicipalityParts& parts, Date day) {
  const std::vector<Municipality> after = Descendants(municipality, day);
  if (after.size() != 1) return std::nullopt;
  const auto it = parts.find(after.front());
  const bool whole = it != parts.end() && std::all_of(it->second.begin(), it->second.end(),
                                                      [&](Municipality m) { return members.contains(m); });
  return whole ? std::optional(after.front()) : std::nullopt;
}

}  // namespace

Result<MunicipalityData> ReadMunicipalityData(const std::vector<embedded::File>& files) {
  return MunicipalityDataReader().Read(files);
}

Result<const AttributeKind*> FindAttribute(const MunicipalityData& data, const std::string& id) {
  std::string known;
  for (const AttributeKind& kind : data.attributes) {
    if (kind.id == id) return &kind;
    known += (known.empty() ? "" : ", ") + kind.id;
  }
  return Invalid(fmt::format("no attribute '{}': the register holds {}", CutText(id, kShownCellBytes),
                             known.empty() ? "none (registry.attributes)" : known));
}

AttributeValues ValuesOf(const MunicipalityData& data, const AttributeKind& kind, int year,
                         int structure_year) {
  const NewestRows newest = NewestRowsOf(data.files[kind.file], year, structure_year);
  AttributeValues attribute;
  attribute.unused_rows = newest.unused;
  for (const auto& [code, row] : newest.rows) {
    if (!row->cells[kind.column].empty()) attribute.values[code] = {row->year, row->cells[kind.column]};
  }
  return attribute;
}

MembersOnDay MembersOn(const MunicipalityGroup& group, Date then, Date day) {
  std::set<Municipality> listed, in, now;
  MembersOnDay found;
  for (const GroupMember& member : group.members) {
    if (member.from <= then && then < member.until) listed.insert(member.municipality);
  }
  for (const Municipality member : listed) {
    const Date end = InForceUntil(member);
    const auto followed =
        then < end ? std::optional(member) : Followed(member, listed, PartsOf(end - 1, then), then);
    if (followed) in.insert(*followed);
    if (!followed) ++found.unused;
  }
  const MunicipalityParts parts = PartsOf(then, day);
  for (const Municipality member : in) {
    const auto followed = Followed(member, in, parts, day);
    if (followed) now.insert(*followed);
    if (!followed) ++found.unused;
  }
  found.members.assign(now.begin(), now.end());
  return found;
}

}  // namespace kpr
