// What is known of areas beside their figures, as a regression takes it: numbers and categories, from the
// register, a file or another indicator.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/statistics/variation.h"
#include "registry/attributes/municipality_data.h"

namespace kpr {

// By area: numbers, or categories.
struct KnownAttribute {
  std::string name;
  bool category = false;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> categories;

  bool Knows(const std::string& area) const {
    return category ? categories.contains(area) : numbers.contains(area);
  }
};

inline constexpr size_t kFewestAreas = 10;      // more than there are covariates
inline constexpr size_t kFewestOfCategory = 3;  // one alone would be its category's ratio

// Of what the register holds, the newest of each municipality up to the year.
KnownAttribute KnownIn(const MunicipalityData& data, const AttributeKind& kind, int year, int structure_year);

// A category that fewer of `areas` have, or none, is not known any more. Whether there was one.
bool ForgetSmallCategories(const std::vector<std::string>& areas, std::vector<KnownAttribute>* attributes);

// Of areas that know each of them. A number's step is one standard deviation; each category is beside the
// one that most areas have. kFailedPrecondition: too few areas; kInvalid: an attribute tells nothing, or
// nothing more than those before it.
Result<std::vector<Attribute>> CovariatesOf(const std::vector<KnownAttribute>& known,
                                            const std::vector<std::string>& areas);

}  // namespace kpr
