#include "base/files.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace kpr {

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path);
  if (!in) return NotFound(fmt::format("{}: cannot be read", path));
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

}  // namespace kpr
