// The tree in files, as C2SP tlog-tiles has them: tiles of 256 hashes, bundles of 256 entries, written once
// and never changed, so that any server of files publishes the log.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "registry/audit/merkle_tree.h"

namespace kpr::audit {

inline constexpr uint64_t kTileWidth = 256;

// "tile/0/x001/067", "tile/0/067.p/8": of `width` hashes, 256 or fewer.
std::string TilePath(int level, uint64_t index, uint64_t width);
std::string EntriesPath(uint64_t index, uint64_t width);

// Hashes of the tree of `size` entries from the files of a folder.
HashReader ReadFrom(const std::string& folder, uint64_t size);

// The tree's right edge in memory. Not thread-safe.
class TreeEdge {
 public:
  // Of the tree of that size, from the files of a folder.
  static Result<TreeEdge> Load(const std::string& folder, uint64_t size);

  void Add(const std::string& entry);
  uint64_t size() const { return size_; }
  Result<Hash> Root() const;
  // Path and content of what has become full since it was last forgotten, and of what is not full now.
  const std::vector<std::pair<std::string, std::string>>& full() const { return full_; }
  std::vector<std::pair<std::string, std::string>> Partial() const;
  void ForgetFull() { full_.clear(); }

 private:
  static constexpr int kLevels = 8;
  void AddHash(int level, Hash hash);

  uint64_t size_ = 0;
  std::array<std::vector<Hash>, kLevels> edge_;  // of the last tile of each level, not full
  std::vector<std::string> entries_;             // of the last bundle, not full
  std::vector<std::pair<std::string, std::string>> full_;
};

}  // namespace kpr::audit
