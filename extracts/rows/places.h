// Where releases count a person. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "extracts/rows/table_plan.h"
#include "registry/timeline/subject_state.h"

namespace kpr::extract {

// What public figures of the same people are by, in as fine areas as there are.
enum class ReleasedBy : uint8_t { kNothing, kMunicipality, kMunicipalityAndSex, kMunicipalitySexAndAge };

// Persons with the same are in the same cells of all releases of the years that [first, last] lies in: the
// municipality of their facts, services and applications; which one when and for what, if there are several;
// their sex; their age band, and when it changes. In no order, some more than once.
std::vector<Value> PlacesOf(const SubjectState& state, Date first, Date last, ReleasedBy by);

}  // namespace kpr::extract
