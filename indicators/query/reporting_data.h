// What coverage and size groups need: who has reported and declared what, and how many inhabitants and which
// industries there are, month by month.
#pragma once

#include <bitset>
#include <climits>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "indicators/geography/structure.h"
#include "indicators/query/by_code.h"
#include "indicators/query/cell_source.h"

namespace kpr {

// By municipality as reported: facts year by year; declarations and inhabitants month by month, up to the
// source's horizon. For one thread.
class ReportingData {
 public:
  // What is asked of it beside facts and declarations; the rest is not read, and is then not known.
  struct Needs {
    std::set<int> own_coverage;  // by its numbers
    bool inhabitants = false, industries = false;
  };
  static Result<ReportingData> Read(const CellSource& source, const Needs& needs);

  bool Reported(Municipality municipality, int year) const;
  // Whether the municipality has told all the facts with a coverage of their own that are needed, in
  // the year or, of those that are not told by the year, before, under whatever codes that belong to it in
  // the year's structure.
  bool ReportedOwn(Municipality reported, int year) const;
  // The place in those of its municipalities that have.
  CellPlace WhereOwnIsReported(const CellPlace& place, int year) const;
  // Whether all months of [first, last] are declared, by the municipality of the structure that the code
  // belongs to, under whatever codes it had.
  bool Declared(Municipality reported, const Structure& structure, int first, int last) const;
  // Whether the month is not before the first one that the municipality has declared, under whatever codes
  // that belong to it in the month's own structure: sums are the same in all structures. Who declares nothing
  // has always reported.
  bool Begun(Municipality reported, int month) const;
  // The place in those of its municipalities whose reporting has begun.
  CellPlace WhereBegun(const CellPlace& place, int month) const;
  // Of the municipality of the structure, at the end of the month; 0: not known.
  int64_t InhabitantsOf(Municipality municipality, const Structure& structure, int month) const;
  std::optional<int> SizeGroupOf(Municipality municipality, const Structure& structure, int month) const;
  // By the provider's latest report at the end of the month; 0 unknown.
  int32_t IndustryOf(uint32_t provider, int month) const;

 private:
  // From 1900 on, as validation takes days; a question is of no time after them.
  static constexpr int kFirstYear = 1900, kYears = 256;
  using Years = std::bitset<kYears>;
  using OwnYears = std::vector<Years>;  // by place of the number in own_numbers_
  struct Declarations {
    std::bitset<kYears * 12> months;
    int first = INT_MAX;  // INT_MAX: none
  };

  struct InStructure {  // by municipality, or a code that belongs to none
    ByCode<Declarations> declared;
    ByCode<OwnYears> own;
  };
  const InStructure& Of(const Structure& structure) const;

  ByCode<Years> reported_years_;
  std::vector<int> own_numbers_;
  ByCode<OwnYears> own_;
  ByCode<Declarations> declared_;
  // By year, made when first asked for; a ReportingData is of one request.
  mutable std::map<int, InStructure> structures_;
  std::map<uint16_t, std::map<int, int64_t>> inhabitant_changes_;
  std::map<uint32_t, std::map<int, int32_t>> industry_changes_;  // by month
};

}  // namespace kpr
