#include "registry/audit/tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/bytes.h"
#include "base/crypto/hash.h"
#include "base/files.h"

namespace kpr::audit {
namespace {

constexpr int kTileHeight = 8;
constexpr size_t kTilesKept = 64;  // of one reader

// In groups of three digits, all but the last after an x.
std::string NumberPath(uint64_t index, uint64_t width) {
  std::string path = fmt::format("{:03}", index % 1000);
  for (index /= 1000; index > 0; index /= 1000) path = fmt::format("x{:03}/{}", index % 1000, path);
  return width == kTileWidth ? path : fmt::format("{}.p/{}", path, width);
}

// Of whole subtrees side by side, a power of two of them.
Hash Combine(const std::string& hashes) {
  if (hashes.size() == crypto::kHashBytes) return hashes;
  const size_t half = hashes.size() / 2;
  return NodeHash(Combine(hashes.substr(0, half)), Combine(hashes.substr(half)));
}

uint64_t WidthOf(uint64_t size, int tile_level, uint64_t tile) {
  return std::min(kTileWidth, (size >> (kTileHeight * tile_level)) - tile * kTileWidth);
}

std::string Join(const std::vector<Hash>& hashes) {
  std::string bytes;
  for (const Hash& hash : hashes) bytes += hash;
  return bytes;
}

std::string Bundle(const std::vector<std::string>& entries) {
  std::string bytes;
  for (const std::string& entry : entries) {
    PutBigEndian(&bytes, static_cast<uint16_t>(entry.size()));
    bytes += entry;
  }
  return bytes;
}

// A tile that is not full may be gone once the full one is there.
Result<std::string> ReadTile(const std::string& folder, int level, uint64_t index, uint64_t width) {
  const std::string path = folder + "/" + TilePath(level, index, width);
  auto bytes = ReadFile(path);
  if (!bytes.ok() && bytes.status().code() == Code::kNotFound && width < kTileWidth) {
    bytes = ReadFile(folder + "/" + TilePath(level, index, kTileWidth));
    if (bytes.ok()) bytes->resize(width * crypto::kHashBytes);
  }
  if (!bytes.ok()) return DataLoss(path + ": cannot be read");
  if (bytes->size() != width * crypto::kHashBytes) return DataLoss(path + ": is no tile");
  return bytes;
}

}  // namespace

std::string TilePath(int level, uint64_t index, uint64_t width) {
  return fmt::format("tile/{}/{}", level, NumberPath(index, width));
}

std::string EntriesPath(uint64_t index, uint64_t width) {
  return "tile/entries/" + NumberPath(index, width);
}

HashReader ReadFrom(const std::string& folder, uint64_t size) {
  const auto kept = std::make_shared<std::map<std::pair<int, uint64_t>, std::string>>();
  return [folder, size, kept](int level, uint64_t index) -> Result<Hash> {
    const int tile_level = level / kTileHeight, above = level % kTileHeight;
    const uint64_t first = index << above, tile = first / kTileWidth;
    const uint64_t width = WidthOf(size, tile_level, tile), count = uint64_t{1} << above;
    if (first % kTileWidth + count > width) return Invalid("the tree has no such subtree");
    auto found = kept->find({tile_level, tile});
    if (found == kept->end()) {
      KPR_ASSIGN_OR_RETURN(std::string bytes, ReadTile(folder, tile_level, tile, width));
      if (kept->size() >= kTilesKept) kept->clear();
      found = kept->emplace(std::pair(tile_level, tile), std::move(bytes)).first;
    }
    return Combine(found->second.substr(first % kTileWidth * crypto::kHashBytes, count * crypto::kHashBytes));
  };
}

Result<TreeEdge> TreeEdge::Load(const std::string& folder, uint64_t size) {
  TreeEdge edge;
  edge.size_ = size;
  for (int level = 0; level < kLevels && (size >> (kTileHeight * level)) > 0; ++level) {
    const uint64_t hashes = size >> (kTileHeight * level), width = hashes % kTileWidth;
    if (width == 0) continue;
    KPR_ASSIGN_OR_RETURN(const std::string bytes, ReadTile(folder, level, hashes / kTileWidth, width));
    for (uint64_t i = 0; i < width; ++i)
      edge.edge_[level].push_back(bytes.substr(i * crypto::kHashBytes, crypto::kHashBytes));
  }
  if (size % kTileWidth == 0) return edge;
  const std::string path = folder + "/" + EntriesPath(size / kTileWidth, size % kTileWidth);
  const auto bytes = ReadFile(path);
  if (!bytes.ok()) return DataLoss(path + ": cannot be read");
  for (ByteReader reader(*bytes); !reader.empty() && !reader.failed();)
    edge.entries_.emplace_back(reader.Bytes(reader.BigEndian<uint16_t>()));
  if (edge.entries_.size() != size % kTileWidth) return DataLoss(path + ": is no bundle of entries");
  return edge;
}

void TreeEdge::Add(const std::string& entry) {
  entries_.push_back(entry);
  if (entries_.size() == kTileWidth) {
    full_.emplace_back(EntriesPath(size_ / kTileWidth, kTileWidth), Bundle(entries_));
    entries_.clear();
  }
  ++size_;
  AddHash(0, LeafHash(entry));
}

void TreeEdge::AddHash(int level, Hash hash) {
  std::vector<Hash>& tile = edge_[static_cast<size_t>(level)];
  tile.push_back(std::move(hash));
  if (tile.size() < kTileWidth) return;
  const std::string bytes = Join(tile);
  tile.clear();
  full_.emplace_back(TilePath(level, (size_ >> (kTileHeight * level)) / kTileWidth - 1, kTileWidth), bytes);
  AddHash(level + 1, Combine(bytes));
}

Result<Hash> TreeEdge::Root() const {
  return RootOf(size_, [this](int level, uint64_t index) -> Result<Hash> {
    const int above = level % kTileHeight;
    const std::vector<Hash>& tile = edge_[static_cast<size_t>(level / kTileHeight)];
    const uint64_t first = (index << above) % kTileWidth, count = uint64_t{1} << above;
    if (first + count > tile.size()) return Internal("not at the edge of the tree");
    return Combine(Join(
        {tile.begin() + static_cast<int64_t>(first), tile.begin() + static_cast<int64_t>(first + count)}));
  });
}

std::vector<std::pair<std::string, std::string>> TreeEdge::Partial() const {
  std::vector<std::pair<std::string, std::string>> files;
  for (int level = 0; level < kLevels; ++level) {
    const std::vector<Hash>& tile = edge_[static_cast<size_t>(level)];
    if (!tile.empty())
      files.emplace_back(TilePath(level, (size_ >> (kTileHeight * level)) / kTileWidth, tile.size()),
                         Join(tile));
  }
  if (!entries_.empty())
    files.emplace_back(EntriesPath(size_ / kTileWidth, entries_.size()), Bundle(entries_));
  return files;
}

}  // namespace kpr::audit
