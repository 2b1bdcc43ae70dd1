// What the register holds on municipalities beside what they send: attributes by year, a file for each
// source, and groups of municipalities over time (a trial, development centres). A folder of .csv files:
//
//   attributes.csv   attribute,kind,source,name
//                    kind is number or category; a row for each column of the others
//   groups.csv       group,municipality,valid_from,valid_to,name
//                    valid_to is the first day on which it is out, or empty
//   any other        municipality,year,... as in attribute_file.h
//
// Nothing of it is in cells: a change of it changes no figure, only what figures are compared by. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/embedded.h"
#include "registry/attributes/attribute_file.h"

namespace kpr {

inline constexpr char kUnknownCategory[] = "unknown";  // which no file may have

struct AttributeKind {
  std::string id, source, name;
  bool category = false;  // else a number
  size_t file = 0, column = 0;
};

struct GroupMember {
  Municipality municipality;  // in force on `from`
  Date from, until;           // `until`: the first day on which it is out
};

struct MunicipalityGroup {
  std::string name;
  std::vector<GroupMember> members;
};

struct MunicipalityData {
  std::string version;                    // of the content, 16 hexadecimal digits
  std::vector<AttributeKind> attributes;  // in the order of attributes.csv
  std::vector<AttributeFile> files;
  std::map<std::string, MunicipalityGroup> groups;
};

// Whole or not at all: kInvalid names file and line. No files: no attributes and no groups.
Result<MunicipalityData> ReadMunicipalityData(const std::vector<embedded::File>& files);

struct AttributeValue {
  int year = 0;
  std::string cell;  // a number is one
};
struct AttributeValues {
  std::map<std::string, AttributeValue>
      values;                // by municipality of the structure year, of which it is known
  uint32_t unused_rows = 0;  // of codes that were merged or split since
};

// kInvalid names the attributes there are.
Result<const AttributeKind*> FindAttribute(const MunicipalityData& data, const std::string& id);
// The newest of each municipality, as NewestRowsOf.
AttributeValues ValuesOf(const MunicipalityData& data, const AttributeKind& kind, int year,
                         int structure_year);

struct MembersOnDay {
  std::vector<Municipality> members;  // of the day, by number
  uint32_t unused = 0;                // that are with others, or not whole, on one of the days
};
// Those that were in the group on `then`, as they are on `day`. A row is followed through new codes, and
// through a merger where all that merged were in the group.
MembersOnDay MembersOn(const MunicipalityGroup& group, Date then, Date day);

}  // namespace kpr
