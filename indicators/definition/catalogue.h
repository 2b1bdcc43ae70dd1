// The set of definitions and instruments that a register runs. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/embedded.h"
#include "indicators/definition/definition.h"

namespace kpr {

struct Catalogue {
  std::vector<v1::Definition> definitions;  // by file name
  std::vector<v1::Instrument> instruments;
  std::string hash;  // of the content, hex

  const v1::Instrument* FindInstrument(const std::string& id) const;
};

// All definitions or none. kInvalid: the first thing that is wrong, with file, line and what was expected.
Result<Catalogue> LoadCatalogue(const std::vector<embedded::File>& definitions,
                                const std::vector<embedded::File>& instruments);
}  // namespace kpr
