#include "registry/audit/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/files.h"
#include "registry/audit/audit_log.h"
#include "registry/audit/tiles.h"

namespace kpr::audit {
namespace {

// Calls f(index, entry) for the entries of the tree, until it fails.
template <typename F>
Status ForEachEntry(const std::string& folder, uint64_t size, const F& f) {
  for (uint64_t bundle = 0; bundle * kTileWidth < size; ++bundle) {
    const uint64_t width = std::min(kTileWidth, size - bundle * kTileWidth);
    const std::string path = folder + "/" + EntriesPath(bundle, width);
    const auto bytes = ReadFile(path);
    if (!bytes.ok()) return DataLoss(path + ": cannot be read");
    ByteReader reader(*bytes);
    for (uint64_t i = 0; i < width; ++i)
      KPR_RETURN_IF_ERROR(
          f(bundle * kTileWidth + i, std::string(reader.Bytes(reader.BigEndian<uint16_t>()))));
    if (reader.failed() || !reader.empty()) return DataLoss(path + ": is no bundle of so many entries");
  }
  return {};
}

using Files = std::vector<std::pair<std::string, std::string>>;

Status CompareFiles(const std::string& folder, const Files& files) {
  for (const auto& [path, content] : files) {
    const auto bytes = ReadFile(folder + "/" + path);
    if (!bytes.ok()) return DataLoss(folder + "/" + path + ": cannot be read");
    if (*bytes != content) return DataLoss(folder + "/" + path + ": is not what the entries give");
  }
  return {};
}

}  // namespace

Result<Checkpoint> VerifyFiles(const std::string& folder, const std::string& verifier_key) {
  const auto note = ReadFile(folder + "/checkpoint");
  if (!note.ok()) return DataLoss(folder + "/checkpoint: cannot be read");
  KPR_ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(*note, verifier_key));
  KPR_ASSIGN_OR_RETURN(TreeEdge edge, TreeEdge::Load(folder, 0));
  KPR_RETURN_IF_ERROR(ForEachEntry(folder, checkpoint.size, [&](uint64_t, const std::string& entry) {
    edge.Add(entry);
    const Status compared = CompareFiles(folder, edge.full());
    edge.ForgetFull();
    return compared;
  }));
  KPR_RETURN_IF_ERROR(CompareFiles(folder, edge.Partial()));
  KPR_ASSIGN_OR_RETURN(const Hash root, edge.Root());
  if (root != checkpoint.root) return DataLoss(folder + ": the entries are not those that were signed");
  return checkpoint;
}

Status VerifyContinues(const std::string& folder, const Checkpoint& earlier, const Checkpoint& later) {
  if (earlier.origin != later.origin) return DataLoss("the checkpoints are of two logs");
  if (earlier.size > later.size)
    return DataLoss(fmt::format("the log has {} entries, and had {}", later.size, earlier.size));
  if (earlier.size == 0) return {};
  KPR_ASSIGN_OR_RETURN(const auto proof,
                       ConsistencyProof(earlier.size, later.size, ReadFrom(folder, later.size)));
  if (VerifyConsistency(earlier.size, earlier.root, later.size, later.root, proof)) return {};
  return DataLoss(
      fmt::format("the first {} entries are not what they were: history was rewritten", earlier.size));
}

Status VerifyRecords(const std::string& folder, const std::string& key, const Checkpoint& checkpoint) {
  const RecordFiles records(folder + "/records", key, checkpoint.origin);
  std::vector<std::string> entries;
  KPR_RETURN_IF_ERROR(ForEachEntry(folder + "/public", checkpoint.size, [&](uint64_t, std::string entry) {
    entries.push_back(std::move(entry));
    return Status();
  }));
  Status status;
  KPR_RETURN_IF_ERROR(records.ForEach(0, entries.size(), [&](uint64_t index, std::string&& plain) {
    if (EntryOf(FromPlain(plain)) != entries[index])
      status = DataLoss(fmt::format("record {} is not what its entry was made of", index));
    return status.ok();
  }));
  return status;
}

}  // namespace kpr::audit
