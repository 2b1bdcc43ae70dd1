// What coverage and size groups need: who has reported and declared what, and how many inhabitants and which
// industries there are, month by month.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "indicators/geography/structure.h"
#include "indicators/query/cell_source.h"

namespace kpr {

// By municipality as reported: facts, declarations, inhabitants, month by month. Months after the source's
// horizon are left out: live cells have them to the end of the year, recomputed ones do not. For one thread.
class ReportingData {
 public:
  // What is asked of it beside facts and declarations; the rest is not read, and is then not known.
  struct Needs {
    bool own_coverage = false, inhabitants = false, industries = false;
  };
  static constexpr Needs kAll{true, true, true};
  static Result<ReportingData> Read(const CellSource& source, Needs needs);

  bool Reported(Municipality municipality, int year) const;
  // Of facts with a coverage of their own, by its numbers: whether the municipality has told all of them, in
  // the year or, of those that are not told by the year, before, under whatever codes that belong to it in
  // the year's structure.
  bool ReportedOwn(Municipality reported, int year, const std::set<int>& own_coverage) const;
  // The place in those of its municipalities that have.
  CellPlace WhereOwnIsReported(const CellPlace& place, int year, const std::set<int>& own_coverage) const;
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
  using Months = std::vector<int>;  // in order, each once

  struct InStructure {
    std::map<uint16_t, Months> declared;                    // by municipality, or a code that belongs to none
    std::vector<int> first;                                 // of each by number; INT_MIN: declares nothing
    std::map<uint16_t, std::set<std::pair<int, int>>> own;  // number of the coverage, and year
  };
  const InStructure& Of(const Structure& structure) const;

  std::map<uint16_t, std::set<int>> reported_years_;
  std::map<uint16_t, std::set<std::pair<int, int>>> own_;  // number of the coverage, and year
  std::map<uint16_t, Months> declared_months_;
  // By year, made when first asked for; a ReportingData is of one request.
  mutable std::map<int, InStructure> structures_;
  std::map<uint16_t, std::map<int, int64_t>> inhabitant_changes_;
  std::map<uint32_t, std::map<int, int32_t>> industry_changes_;  // by month
};

}  // namespace kpr
