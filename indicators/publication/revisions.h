// What differs between two releases, as readers see them: nothing else can be told from it than from the
// releases themselves. Pure.
#pragma once

#include <vector>

#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// By table, period, area and stratum. Empty where there was no release before.
v1::RevisionRecord RevisionsBetween(const std::vector<v1::ReleaseTable>& before,
                                    const std::vector<v1::ReleaseTable>& after, bool other_structure);

}  // namespace kpr::publication
