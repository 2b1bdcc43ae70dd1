// Keeps RocksDB from ever meeting a full disk: it aborts there. Appends stop while the file system has less
// free than the reserve; applying stops at half of it, so that what is acknowledged can still be read.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace kpr {

class SpaceGuard {
 public:
  SpaceGuard(std::string directory, uint64_t reserve_bytes)
      : directory_(std::move(directory)), reserve_bytes_(reserve_bytes) {}

  uint64_t FreeBytes() const;
  // kResourceExhausted with what is free and what is needed. `bytes` is what is about to be written.
  Status CheckAppend(uint64_t bytes) const;
  Status CheckApply() const;
  // Whether the stores in the directory can be opened: what they replay is written again as tables. For
  // questions alone that is enough, however much is to be in reserve.
  Status CheckOpen() const;

 private:
  std::string directory_;
  uint64_t reserve_bytes_;
};

}  // namespace kpr
