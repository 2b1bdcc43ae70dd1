#include "registry/event_log/local/high_water_mark.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace kpr {
namespace {

constexpr char kHeader[] = "kpr log mark 1";

Status Failed(const std::string& path) {
  return Unavailable(fmt::format("log mark {}: {}", path, std::strerror(errno)));
}

Status WriteSynced(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed(path);
  const bool written =
      write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  return written ? Status() : Failed(path);
}

// The ends in the file; none: it is no mark.
std::optional<std::vector<uint64_t>> Parse(std::istream& in) {
  std::string header;
  if (!std::getline(in, header) || header != kHeader) return std::nullopt;
  std::vector<uint64_t> ends;
  for (uint64_t end = 0; in >> end;) ends.push_back(end);
  if (!in.eof() || ends.empty()) return std::nullopt;
  return ends;
}

}  // namespace

Status HighWaterMark::Check(const std::vector<uint64_t>& ends) const {
  std::error_code error;
  if (path_.empty() || (!std::filesystem::exists(path_, error) && !error)) return {};
  std::ifstream in(path_);
  const auto marked = Parse(in);
  if (!marked) return Unavailable(fmt::format("log mark {}: is none that this version reads", path_));
  std::string missing;
  for (size_t stream = 0; stream < marked->size(); ++stream) {
    const uint64_t end = stream < ends.size() ? ends[stream] : 0;
    if (end >= (*marked)[stream]) continue;
    const std::string name = stream + 1 == marked->size() ? "senders" : fmt::format("partition {}", stream);
    missing +=
        fmt::format("{}{} has {} of {} records", missing.empty() ? "" : ", ", name, end, (*marked)[stream]);
  }
  if (missing.empty()) return {};
  return DataLoss(
      fmt::format("the log is shorter than it was ({}): put it back from its copy. To go on without what is "
                  "missing, delete {} and "
                  "have the senders send it again",
                  missing, path_));
}

Status HighWaterMark::Write(const std::vector<uint64_t>& ends) const {
  if (path_.empty()) return {};
  const std::string fresh = path_ + ".new";
  KPR_RETURN_IF_ERROR(WriteSynced(fresh, fmt::format("{}\n{}\n", kHeader, fmt::join(ends, "\n"))));
  // The folder is not synced, as appends wait meanwhile: after a crash the mark may be the one before.
  return std::rename(fresh.c_str(), path_.c_str()) == 0 ? Status() : Failed(path_);
}

}  // namespace kpr
