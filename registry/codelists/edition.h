// One edition of the code lists: all of them as they are at one time, read from files whole or not at all. A
// running node takes the next one into use without a stop; what is being answered is answered by one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/embedded.h"
#include "base/status.h"
#include "registry/codelists/code_ends.h"

namespace kpr {

// A row of a list. `until` is the first day on which it is no longer in force.
struct Validity {
  std::string name;
  Date from, until;
  bool In(Date day) const { return from <= day && day < until; }
};

struct ServiceTypeRow : Validity {
  bool provider_required = false;
};

// What a municipality's code became on a day; several codes: it was split.
struct CodeChange {
  Date on;
  std::vector<uint16_t> to;
};

struct SizeGroupRow {
  int64_t inhabitants_from = 0;
  std::string name;
};

struct Edition {
  std::string version;                                       // of the content, 16 hexadecimal digits
  std::map<uint32_t, ServiceTypeRow> service_types;          // kodeverk 9151
  std::map<uint16_t, std::vector<Validity>> municipalities;  // by date
  std::map<uint16_t, std::vector<CodeChange>> changes;       // of a code, by date
  std::multimap<uint16_t, uint16_t> before;                  // new code to old codes
  std::map<uint16_t, std::string> counties;
  std::vector<SizeGroupRow> size_groups;  // by size, the first from 0
  std::vector<embedded::File> files;      // that it was read from, by name
  CodeEnds ends;
  std::string ends_text;  // ends.Encode()
};

inline constexpr int kLastListedYear = 2040;  // in which a code may begin or end

// municipalities.csv, code_changes.csv, service_types.csv, counties.csv, size_groups.csv: the built-in ones.
const std::vector<embedded::File>& BuiltInCodeLists();
// `files` take the places of built-in ones of their names. kInvalid names file and line.
Result<Edition> ReadEdition(const std::vector<embedded::File>& files);
// kFailedPrecondition: a code of `now` is not in `next`. Codes end, they are not taken away: facts have them.
Status CheckFollows(const Edition& now, const Edition& next);

const Edition& BuiltInEdition();
// Built in until another is taken into use; an edition once in use is kept until the process ends.
// Thread-safe.
const Edition& EditionInUse();
void UseEdition(Edition edition);
// For an EditionScope, without taking it into use.
const Edition& KeepEdition(Edition edition);
const Edition& NewestEdition();  // in use for who begins now, whatever scope this thread is in

// While it lives, EditionInUse() is the same for this thread. Scopes may nest; threads that are started in
// one are not in it.
class EditionScope {
 public:
  EditionScope();
  explicit EditionScope(const Edition& edition);  // which is kept until the process ends
  ~EditionScope();
  EditionScope(const EditionScope&) = delete;
  EditionScope& operator=(const EditionScope&) = delete;

 private:
  const Edition* outer_;
};

}  // namespace kpr
