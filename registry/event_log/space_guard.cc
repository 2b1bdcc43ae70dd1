#include "registry/event_log/space_guard.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

namespace kpr {

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

}  // namespace kpr
