// Municipalities and counties as they were in one year, so that figures of any year can be shown in one
// geography (reference: Statistics Norway's classification 131). Of the edition of the code lists that is in
// use; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/ids.h"
#include "registry/codelists/edition.h"

namespace kpr {

class Structure {
 public:
  static constexpr int kFirstYear = 2012, kLastYear = kLastListedYear;  // later years are as the last

  // The structure of that year, 2012 or later; one object per year and edition.
  static const Structure& Of(int year);

  int year() const { return year_; }
  Date day() const { return day_; }
  // Of the municipalities and counties and of what belonged to them by then: another where another edition
  // changes any of it.
  uint64_t hash() const { return hash_; }
  const std::vector<Municipality>& municipalities() const { return municipalities_; }

  // The municipality of this structure that a code of any year belongs to. Code 0, "not available": the code
  // was split later, or is a merger of several of this structure, or is unknown.
  Municipality MunicipalityOf(Municipality reported) const;
  // The same for counties; a split whose parts lie in one county has it.
  uint16_t CountyOf(Municipality reported) const;
  // Whether figures of `day` cannot be had for the municipality, as a part of what it is made of was split
  // off a code in force then.
  bool NotComparable(Municipality municipality, Date day) const;

 private:
  explicit Structure(int year);
  static std::vector<Structure> All();
  std::set<uint16_t> StepsOf(Municipality reported) const;

  int year_;
  Date day_;
  std::vector<Municipality> municipalities_;
  struct Row {
    uint16_t municipality = 0, county = 0;
  };
  std::vector<Row> rows_;  // by code
  uint64_t hash_ = 0;
};

// Size groups of the statistics producers, by inhabitants.
int SizeGroups();                                   // how many
std::optional<int> SizeGroup(int64_t inhabitants);  // empty where they are not known (0 or less)
std::string SizeGroupName(int group);

}  // namespace kpr
