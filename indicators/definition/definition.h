// Reading and checking one indicator definition or instrument. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "kpr/v1/definition.pb.h"

namespace kpr {

// One textproto. kInvalid names file, line and column and what was expected there.
Result<v1::Definition> ParseDefinition(std::string_view text, const std::string& file);
Result<v1::Instrument> ParseInstrument(std::string_view text, const std::string& file);

}  // namespace kpr
