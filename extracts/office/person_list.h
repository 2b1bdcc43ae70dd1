// Who is in an extract, in a file: sorted identities, 16 bytes each. Looked up without reading the whole.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace kpr::extract {

// Gives the SHA-256 of the list.
Result<std::string> WritePersonList(const std::string& path, std::vector<SubjectId> persons);
// kDataLoss: it has not whole identities.
Result<std::vector<SubjectId>> ReadPersonList(const std::string& path);
// Whether the person is in it; not where there is no file. Identities are keyed hashes, evenly spread: where
// one would be is computed, and a piece of 4 KiB around it read, seldom another.
Result<bool> PersonListHas(const std::string& path, const SubjectId& person);

}  // namespace kpr::extract
