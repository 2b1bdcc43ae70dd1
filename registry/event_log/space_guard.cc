#include "registry/event_log/space_guard.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <filesystem>

#include "base/limits.h"

namespace kpr {
namespace fs = std::filesystem;
namespace {

// RocksDB's write-ahead logs.
uint64_t ReplayedBytes(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;
    const uint64_t size = it->path().extension() == ".log" ? fs::file_size(it->path(), gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

uint64_t SpaceGuard::FreeBytes() const {
  struct statvfs stats;
  if (statvfs(directory_.c_str(), &stats) != 0) return 0;
  return static_cast<uint64_t>(stats.f_bavail) * stats.f_frsize;
}

Status SpaceGuard::CheckAppend(uint64_t bytes) const {
  const uint64_t free = FreeBytes();
  if (free >= reserve_bytes_ + 2 * bytes) return {};
  return ResourceExhausted(
      fmt::format("disk of {} has {} MiB free, {} MiB are kept in reserve: free space or add disk",
                  directory_, free >> 20, reserve_bytes_ >> 20));
}

Status SpaceGuard::CheckApply() const {
  const uint64_t free = FreeBytes();
  if (free >= reserve_bytes_ / 2) return {};
  return ResourceExhausted(fmt::format("disk of {} has {} MiB free: applying waits", directory_, free >> 20));
}

Status SpaceGuard::CheckOpen() const {
  const uint64_t free = FreeBytes(), needed = limits::kOpenFreeBytes + ReplayedBytes(directory_);
  if (free >= needed) return {};
  return ResourceExhausted(
      fmt::format("disk of {} has {} MiB free, {} MiB are needed to open it: free space or add disk",
                  directory_, free >> 20, needed >> 20));
}

}  // namespace kpr
