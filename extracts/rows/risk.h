// How many share what could point to a person (k-anonymity), and whether those who do differ in what is
// sensitive (l-diversity). Persons whose variables that point to persons are all the same are one class.
// Pure.
//
// Not in the classes: dates and codes of single facts. Who knows those of somebody can find them again; that
// is why dates are given by month or shifted, unless the request says otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "extracts/rows/places.h"
#include "extracts/rows/table_plan.h"

namespace kpr::extract {

// Who has had an extract of the project before can join the two by their tokens: what each one told of a
// person is one more variable that points to them. And that somebody is left out tells as well: of those of
// whom the earlier ones told the same, all where there are none, it is nobody, or k, or all.

struct RiskPolicy {
  uint32_t k = 5;  // fewest persons in a class
  uint32_t l = 2;  // fewest different values in a class, of what is sensitive and most persons have not
  // Classes by where releases count persons, asked for or not: a released cell in which all or nobody is
  // counted tells of a row which cells its person can be in.
  ReleasedBy beside_releases = ReleasedBy::kMunicipality;
};

class RiskTable {
 public:
  // `tables` outlives it. `earlier`: names of the extracts that the recipient has. `places`: Add is given
  // them.
  explicit RiskTable(const std::vector<TablePlan>* tables, std::vector<std::string> earlier = {},
                     bool places = false);

  // The rows of one more person, what each earlier extract told of what could point to them (IdentityOf), and
  // where releases count them (PlacesOf).
  void Add(const std::vector<Rows>& tables, const std::vector<uint64_t>& earlier = {},
           const std::vector<Value>& places = {});
  // Of one person, in one number: the same for those whom nothing tells apart, releases included.
  static uint64_t IdentityOf(const std::vector<TablePlan>& tables, const std::vector<Rows>& rows,
                             const std::vector<Value>& places);
  static constexpr char kReleases[] = "releases.municipality";  // as a variable's name, of where they count
  static constexpr uint64_t kNotInIt = 0;  // of an earlier extract that has not the person

  struct Assessment {
    v1::ExtractRisk risk;     // without `withheld`
    std::vector<bool> below;  // by person, in the order they were added
  };
  Assessment Assess(const RiskPolicy& policy) const;

 private:
  struct Column {
    size_t table = 0, column = 0;  // as in a row: 0 is the token
    const Variable* variable = nullptr;
  };
  size_t width() const { return identifying_.size() + earlier_.size() + (places_ ? 1 : 0); }
  std::string NameOf(size_t column) const;
  uint64_t ClassOf(size_t person, size_t without) const;
  // What the earlier extracts have told; kNotInIt: nothing.
  uint64_t ToldOf(size_t person) const;
  void HideAmongOthers(uint32_t k, std::vector<bool>* below) const;
  // Persons in classes smaller than k, by person.
  std::vector<bool> Small(uint32_t k, size_t without, uint64_t* smallest) const;
  void FindUniform(const RiskPolicy& policy, std::vector<bool>* below) const;

  std::vector<Column> identifying_, sensitive_;
  std::vector<std::string> earlier_;
  const bool places_;
  // By person and column: of the set of values.
  std::vector<uint64_t> identity_, secret_;
  size_t persons_ = 0;
};

}  // namespace kpr::extract
