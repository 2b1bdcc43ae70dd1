// What a municipality sees of a draft. Pure.
#pragma once

#include <string>
#include <vector>

#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// Its own figures, nothing hidden, beside those of the last release.
v1::DraftPreview PreviewOf(const v1::StoredDraft& stored, const std::string& municipality,
                           const std::vector<v1::ReleaseTable>& last);

}  // namespace kpr::publication
