// What municipalities are expected to have when attributes of them are reckoned with as well as age and sex.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/query/known_attributes.h"
#include "indicators/statistics/standardisation.h"

namespace kpr {

inline constexpr double kFewExpected = 5;  // the square root is not normal below

struct AdjustedAreas {
  std::map<std::string, Standardised> areas;
  std::set<std::string> not_known;  // of those given, by an attribute
};

// The ratios observed / expected on the square-root scale, regressed on the attributes with the variance
// between areas (random_effects.h) over the areas with enough expected events; the expected events of each of
// them times its fitted ratio, all scaled so that as many are expected as are observed. Others are left out:
// those that are too small, before or after, of which a line through the large ones says nothing, and those
// of which an attribute is not known. Errors as CovariatesOf.
Result<AdjustedAreas> AdjustByAttributes(const std::map<std::string, Standardised>& areas,
                                         std::vector<KnownAttribute> attributes, bool proportion);

}  // namespace kpr
