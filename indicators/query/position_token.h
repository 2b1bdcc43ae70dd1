// A log position as an opaque token: answers carry it, requests take it back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace kpr {

std::string PositionToken(const std::vector<uint64_t>& positions);
// kInvalid: not a token of a registry with so many partitions.
Result<std::vector<uint64_t>> ParsePositionToken(const std::string& token, uint32_t partitions);

}  // namespace kpr
