// A catalogue, code lists and attributes of municipalities of one's own, from files.
#pragma once

#include <string>
#include <vector>

#include "base/embedded.h"
#include "base/status.h"
#include "registry/attributes/municipality_data.h"

namespace kpr {

struct CatalogueFiles {
  std::vector<embedded::File> definitions, instruments;
};
// Every *.textproto in a folder; instruments in its subfolder "instruments", if there is one.
Result<CatalogueFiles> ReadCatalogueFolder(const std::string& folder);

// Every *.csv in a folder.
Result<std::vector<embedded::File>> ReadCodeListFolder(const std::string& folder);
// Of municipalities, from every *.csv in a folder; an empty name: none.
Result<MunicipalityData> ReadAttributeFolder(const std::string& folder);
// Takes the lists of the folder into use, whole or not at all; an empty name: those in use stay.
// kFailedPrecondition: a code of those in use is not there.
Status UseCodeLists(const std::string& folder);
// At the start of what works on a register's own data, by the folder of its configuration. kInvalid: others
// were asked for by
// --code-lists, which are for trials: cells would be computed by them.
Status UseCodeListsOfRegister(const std::string& folder);

}  // namespace kpr
