// A catalogue of one's own, from files.
#pragma once

#include <string>
#include <vector>

#include "base/embedded.h"
#include "base/status.h"

namespace kpr {

struct CatalogueFiles {
  std::vector<embedded::File> definitions, instruments;
};
// Every *.textproto in a folder; instruments in its subfolder "instruments", if there is one.
Result<CatalogueFiles> ReadCatalogueFolder(const std::string& folder);

}  // namespace kpr
