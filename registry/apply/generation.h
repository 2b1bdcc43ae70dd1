// Where a partition's store lies. A store that takes another's place is a new generation beside it, so that
// the former can be read to the end and a crash leaves one of the two whole.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace kpr {

// `partition-N`, the first generation.
std::string PartitionDirectory(const std::string& registry, uint32_t partition);

// Where a store is built that may become a generation; what is there of an earlier try is removed.
Result<std::string> BuildDirectory(const std::string& partition_directory);

// The newest generation's folder, which need not exist. Removes earlier generations: call while none is open.
Result<std::string> NewestGeneration(const std::string& partition_directory);

// Makes what was built the newest generation, and gives its folder. The store in it must be closed.
Result<std::string> AddGeneration(const std::string& partition_directory, const std::string& built);

// Renames a damaged store's folder to `NAME.damaged`, in the place of an earlier one.
Status SetAside(const std::string& generation);

}  // namespace kpr
