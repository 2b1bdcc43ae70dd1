// Who is in an extract, in a file: sorted identities, 16 bytes each. Looked up without reading the whole.
// kNotFound: there is no file; kDataLoss: it has not whole identities.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace kpr::extract {

// Gives the SHA-256 of the list.
Result<std::string> WritePersonList(const std::string& path, std::vector<SubjectId> persons);
Result<std::vector<SubjectId>> ReadPersonList(const std::string& path);
// How many are in it.
Result<uint64_t> CountPersonList(const std::string& path);
// Whether the person is in it. Identities are keyed hashes, evenly spread: where
// one would be is computed, and a piece of 4 KiB around it read, seldom another.
Result<bool> PersonListHas(const std::string& path, const SubjectId& person);

}  // namespace kpr::extract
