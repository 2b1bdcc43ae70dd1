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

// The newest generation's folder, which need not exist.
Result<std::string> NewestGeneration(const std::string& partition_directory);

// Removes all generations but one, while none of them is open.
Status RemoveOtherGenerations(const std::string& partition_directory, const std::string& kept);

// Makes what was built the newest generation, and gives its folder. The store in it is whole, flushed and
// closed.
Result<std::string> AddGeneration(const std::string& partition_directory, const std::string& built);

// Removes what was being built when the process ended.
void RemoveBuilding(const std::string& registry);

// Renames a damaged store's folder to `NAME.damaged`, in the place of an earlier one.
Status SetAside(const std::string& generation);

}  // namespace kpr
