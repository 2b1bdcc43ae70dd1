// Where releases count a person. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "extracts/rows/table_plan.h"
#include "registry/timeline/subject_state.h"

namespace kpr::extract {

// What public figures of the same people are by, in as fine areas as there are.
enum class ReleasedBy : uint8_t { kNothing, kMunicipality, kMunicipalityAndSex, kMunicipalitySexAndAge };

// The municipalities of the person's facts and services within [first, last], which is more than any one
// indicator counts the person in; their sex, and the age bands they are in. In no order, some more than once.
std::vector<Value> PlacesOf(const SubjectState& state, Date first, Date last, ReleasedBy by);

}  // namespace kpr::extract
