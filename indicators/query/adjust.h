// What municipalities are expected to have when attributes of them are reckoned with as well as age and sex.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/query/known_attributes.h"
#include "indicators/statistics/standardisation.h"

namespace kpr {

inline constexpr double kFewExpected = 5;  // the square root is not normal below

// The ratios observed / expected on the square-root scale, regressed on the attributes with the variance
// between areas (random_effects.h) over the areas with enough expected events; each area's expected events
// times its fitted ratio, all scaled so that as many are expected as are observed. Areas of which an
// attribute is not known are left out. Errors as CovariatesOf.
Result<std::map<std::string, Standardised>> AdjustByAttributes(
    const std::map<std::string, Standardised>& areas, std::vector<KnownAttribute> attributes,
    bool proportion);

}  // namespace kpr
