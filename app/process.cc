#include "app/process.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace kpr {
namespace {

Status Failed(const char* what) {
  return Internal(fmt::format("{}: {}", what, std::strerror(errno)));
}

Status RaiseDescriptors() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return Failed("read the limit of descriptors");
  files.rlim_cur = files.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &files) == 0 ? Status() : Failed("raise the limit of descriptors");
}

}  // namespace

Status SecureProcess() {
  constexpr rlimit kNone{0, 0};
  umask(077);
  if (setrlimit(RLIMIT_CORE, &kNone) != 0) return Failed("turn core dumps off");
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return Failed("close the process's memory to others");
  return RaiseDescriptors();
}

Status OpenToGroup(const std::string& option, const std::string& socket) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::permissions(socket, fs::perms::group_read | fs::perms::group_write, fs::perm_options::add, error);
  return error ? Unavailable(fmt::format("{} {}: {}", option, socket, error.message())) : Status();
}

}  // namespace kpr
