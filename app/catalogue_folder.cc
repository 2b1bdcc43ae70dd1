#include "app/catalogue_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace kpr {
namespace {

Result<std::vector<embedded::File>> ReadFolder(const std::string& folder) {
  std::vector<embedded::File> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".textproto") continue;
    std::ifstream in(entry.path());
    std::stringstream content;
    content << in.rdbuf();
    if (!in) return Unavailable(entry.path().string() + ": cannot be read");
    files.push_back({entry.path().filename().string(), content.str()});
  }
  if (error) return NotFound(fmt::format("catalogue folder {}: {}", folder, error.message()));
  return files;
}

}  // namespace

Result<CatalogueFiles> ReadCatalogueFolder(const std::string& folder) {
  CatalogueFiles files;
  KPR_ASSIGN_OR_RETURN(files.definitions, ReadFolder(folder));
  const std::string instruments = folder + "/instruments";
  if (std::filesystem::exists(instruments)) {
    KPR_ASSIGN_OR_RETURN(files.instruments, ReadFolder(instruments));
  }
  return files;
}

}  // namespace kpr
