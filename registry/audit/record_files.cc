#include "registry/audit/record_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/bytes.h"
#include "base/crypto/sealed.h"
#include "base/files.h"

namespace kpr::audit {
namespace {

constexpr mode_t kRecordsMode = 0600;

Status Failed(const std::string& path) {
  return Unavailable(fmt::format("{}: {}", path, std::strerror(errno)));
}

// The whole records at the beginning of a file: calls f(sealed); gives the bytes that they take.
template <typename F>
size_t Frames(const std::string& bytes, const F& f) {
  size_t at = 0;
  while (bytes.size() - at >= 4) {
    const auto length = ByteReader(std::string_view(bytes).substr(at, 4)).BigEndian<uint32_t>();
    // Less than any record is what was allocated and not written.
    if (length <= crypto::kSealOverhead || bytes.size() - at - 4 < length) break;
    if (!f(std::string_view(bytes).substr(at + 4, length))) break;
    at += 4 + length;
  }
  return at;
}

}  // namespace

RecordFiles::RecordFiles(std::string folder, std::string key, std::string context)
    : folder_(std::move(folder)), key_(std::move(key)), context_(std::move(context)) {}

RecordFiles::~RecordFiles() {
  if (file_ >= 0) close(file_);
}

std::string RecordFiles::PathOf(uint64_t index) const {
  return fmt::format("{}/{:010}", folder_, index / kRecordsInFile);
}

std::string RecordFiles::ContextOf(uint64_t index) const {
  return fmt::format("{} {}", context_, index);
}

Status RecordFiles::ForEach(uint64_t from, uint64_t end,
                            const std::function<bool(uint64_t, std::string&&)>& f) const {
  for (uint64_t first = from / kRecordsInFile * kRecordsInFile; first < end; first += kRecordsInFile) {
    const auto bytes = ReadFile(PathOf(first));
    if (!bytes.ok()) return DataLoss(bytes.status().message());
    Status status;
    bool more = true;
    uint64_t index = first;
    Frames(*bytes, [&](std::string_view sealed) {
      if (index >= end || !more || !status.ok()) return false;
      if (index < from) return ++index, true;
      auto plain = crypto::Open(key_, sealed, ContextOf(index));
      if (!plain.ok()) {
        status = plain.status().WithContext(fmt::format("{}: record {}", PathOf(first), index));
        return false;
      }
      more = f(index++, std::move(*plain));
      return more;
    });
    KPR_RETURN_IF_ERROR(status);
    if (!more) return {};
    if (index < std::min(end, first + kRecordsInFile))
      return DataLoss(fmt::format("{}: record {} is not there", PathOf(first), index));
  }
  return {};
}

Result<uint64_t> RecordFiles::Recover(uint64_t at_least) {
  uint64_t count = 0;
  for (uint64_t first = at_least / kRecordsInFile * kRecordsInFile;; first += kRecordsInFile) {
    const std::string path = PathOf(first);
    const auto bytes = ReadFile(path);
    count = first;
    if (!bytes.ok() && bytes.status().code() == Code::kNotFound) break;
    KPR_RETURN_IF_ERROR(bytes.status());
    const size_t whole = Frames(*bytes, [&](std::string_view) { return ++count, true; });
    if (count < at_least) break;
    if (whole < bytes->size() && truncate(path.c_str(), static_cast<off_t>(whole)) != 0) return Failed(path);
    if (count < first + kRecordsInFile) break;
  }
  if (count < at_least)
    return DataLoss(fmt::format("{} has {} records, and {} were durable: restore it from a backup", folder_,
                                count, at_least));
  return count;
}

Status RecordFiles::Reopen(uint64_t index) {
  if (file_ >= 0) {
    KPR_RETURN_IF_ERROR(Sync());
    close(file_);
    file_ = -1;
  }
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string path = PathOf(index);
  file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kRecordsMode);
  if (file_ < 0) return Failed(path);
  open_ = index / kRecordsInFile;
  const int folder = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) close(folder);
  return synced ? Status() : Failed(folder_);
}

Status RecordFiles::Append(uint64_t index, const std::string& plain) {
  if (file_ < 0 || open_ != index / kRecordsInFile) KPR_RETURN_IF_ERROR(Reopen(index));
  KPR_ASSIGN_OR_RETURN(const std::string sealed, crypto::Seal(key_, plain, ContextOf(index)));
  std::string frame;
  PutBigEndian(&frame, static_cast<uint32_t>(sealed.size()));
  frame += sealed;
  for (size_t at = 0; at < frame.size();) {
    const ssize_t written = write(file_, frame.data() + at, frame.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed(PathOf(index));
    at += static_cast<size_t>(written);
  }
  return {};
}

Status RecordFiles::Sync() {
  if (file_ < 0 || fdatasync(file_) == 0) return {};
  return Failed(folder_);
}

}  // namespace kpr::audit
