// Dummy files of an extract: what it would be of a synthetic country, so that code can be written before
// anybody has approved anything.
#pragma once

#include <functional>
#include <string>

#include "base/date.h"
#include "extracts/build/build.h"

namespace kpr {

struct Dummy {
  extract::Built built;
  size_t simulated = 0;  // persons
};

// Files in `folder`, not encrypted. kInvalid: the request has findings. Nothing is simulated after `today`.
Result<Dummy> MakeDummy(const std::string& request, const std::string& file_name, const std::string& folder,
                        uint64_t seed, Date today, const std::function<bool()>& cancelled);

}  // namespace kpr
