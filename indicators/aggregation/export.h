// Every cell of a register, as text that is the same, byte for byte, for the same log prefix.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "registry/read/partition_reader.h"

namespace kpr {

// Encoded cell key to "slot=amount slot=amount", no zeros, added up over the stores.
Result<std::map<std::string, std::string>> ExportCells(const PartitionReaders& stores);

// Keys of the findings in force, sorted.
Result<std::vector<std::string>> ExportFindings(const PartitionReaders& stores);

}  // namespace kpr
