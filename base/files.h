#pragma once

#include <string>

#include "base/status.h"

namespace kpr {

// The whole file. kNotFound where it cannot be read.
Result<std::string> ReadFile(const std::string& path);

}  // namespace kpr
