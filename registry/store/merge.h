// How the store combines blind writes. Public for its test: both must be associative and must never fail.
#pragma once

#include <string>
#include <string_view>

namespace kpr {

// Cell values: (varint slot gap, zigzag amount) pairs by rising slot. Adds amounts slot by slot; slots that
// come to zero leave the value. Bytes that do not decode are taken as empty.
std::string AddSlots(std::string_view a, std::string_view b);

}  // namespace kpr
