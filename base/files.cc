#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace kpr {

Result<std::string> ReadFile(const std::string& path) {
  const auto fail = [&](int error) {
    const std::string message = fmt::format("{}: cannot be read: {}", path, std::strerror(error));
    return error == ENOENT || error == ENOTDIR ? NotFound(message) : Unavailable(message);
  };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(errno);
  std::string content;
  std::array<char, 1 << 16> piece{};
  for (;;) {
    const ssize_t got = read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      close(file);
      return fail(error);
    }
    if (got == 0) break;
    content.append(piece.data(), static_cast<size_t>(got));
  }
  close(file);
  return content;
}

Status WriteFileDurably(const std::string& path, const std::string& content, unsigned mode) {
  const std::filesystem::path target(path);
  std::error_code error;
  std::filesystem::create_directories(target.parent_path(), error);
  const std::string beside = path + ".new";
  const auto fail = [&](const char* what) {
    return Unavailable("cannot " + std::string(what) + " " + beside + ": " + std::strerror(errno));
  };
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return fail("create");
  Status status;
  for (size_t at = 0; at < content.size() && status.ok();) {
    const ssize_t written = write(file, content.data() + at, content.size() - at);
    if (written < 0 && errno != EINTR) status = fail("write");
    if (written > 0) at += static_cast<size_t>(written);
  }
  if (status.ok() && fsync(file) != 0) status = fail("sync");
  close(file);
  if (status.ok() && rename(beside.c_str(), path.c_str()) != 0) status = fail("rename");
  return status.ok() ? SyncFolder(target.parent_path().string()) : status;
}

Status SyncFolder(const std::string& path) {
  const int folder = open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && fsync(folder) == 0;
  const int error = errno;
  if (folder >= 0) close(folder);
  return synced ? Status() : Unavailable("cannot sync the folder " + path + ": " + std::strerror(error));
}

}  // namespace kpr
