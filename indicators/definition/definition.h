// Reading and checking indicator definitions. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "base/status.h"
#include "kpr/v1/definition.pb.h"

namespace kpr {

// One textproto. kInvalid names file, line and column and what was expected there.
Result<v1::Definition> ParseDefinition(std::string_view text, const std::string& file);

struct Catalogue {
  std::vector<v1::Definition> definitions;  // by id
  std::string hash;                         // of the content, hex
};

// All definitions or none. kInvalid: the first thing that is wrong.
Result<Catalogue> LoadCatalogue(const std::vector<embedded::File>& files);
// Every *.textproto in a folder.
Result<std::vector<embedded::File>> ReadCatalogueFolder(const std::string& folder);

}  // namespace kpr
