// Damage to a store's files.
#pragma once

#include <rocksdb/table.h>

#include <filesystem>
#include <fstream>

#include "registry/store/rocks.h"

namespace kpr::test {

inline void FlipBit(const std::filesystem::path& path, uintmax_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get() ^ 0x10);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

// The process keeps blocks of the file as it was before it was damaged.
inline void ForgetBlocks() {
  const auto table = FamilyOptions(nullptr).table_factory;
  table->GetOptions<rocksdb::BlockBasedTableOptions>()->block_cache->EraseUnRefEntries();
}

}  // namespace kpr::test
