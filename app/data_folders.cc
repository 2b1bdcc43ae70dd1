#include "app/data_folders.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/limits.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

Result<std::vector<embedded::File>> ReadFolder(const std::string& folder, const std::string& extension,
                                               const char* what) {
  std::vector<embedded::File> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != extension) continue;
    const uintmax_t bytes = entry.file_size(error);
    if (error) return Unavailable(fmt::format("{}: {}", entry.path().string(), error.message()));
    if (bytes > limits::kAttributeFileBytes)
      return Invalid(
          fmt::format("{}: more than {} bytes", entry.path().string(), limits::kAttributeFileBytes));
    std::ifstream in(entry.path());
    std::stringstream content;
    content << in.rdbuf();
    if (!in) return Unavailable(entry.path().string() + ": cannot be read");
    files.push_back({entry.path().filename().string(), content.str()});
  }
  if (error) return NotFound(fmt::format("{} folder {}: {}", what, folder, error.message()));
  return files;
}

}  // namespace

Result<CatalogueFiles> ReadCatalogueFolder(const std::string& folder) {
  CatalogueFiles files;
  KPR_ASSIGN_OR_RETURN(files.definitions, ReadFolder(folder, ".textproto", "catalogue"));
  const std::string instruments = folder + "/instruments";
  if (std::filesystem::exists(instruments)) {
    KPR_ASSIGN_OR_RETURN(files.instruments, ReadFolder(instruments, ".textproto", "catalogue"));
  }
  return files;
}

Result<std::vector<embedded::File>> ReadCodeListFolder(const std::string& folder) {
  KPR_ASSIGN_OR_RETURN(std::vector<embedded::File> files, ReadFolder(folder, ".csv", "code list"));
  if (files.empty()) return NotFound(fmt::format("code list folder {}: no .csv file in it", folder));
  return files;
}

Result<MunicipalityData> ReadAttributeFolder(const std::string& folder) {
  if (folder.empty()) return ReadMunicipalityData({});
  KPR_ASSIGN_OR_RETURN(const std::vector<embedded::File> files, ReadFolder(folder, ".csv", "attributes"));
  if (files.empty()) return NotFound(fmt::format("attributes folder {}: no .csv file in it", folder));
  auto data = ReadMunicipalityData(files);
  if (!data.ok()) return data.status().WithContext(folder);
  return data;
}

Status UseCodeLists(const std::string& folder) {
  if (folder.empty()) return {};
  KPR_ASSIGN_OR_RETURN(const std::vector<embedded::File> files, ReadCodeListFolder(folder));
  auto edition = ReadEdition(files);
  if (!edition.ok()) return edition.status().WithContext(folder);
  KPR_RETURN_IF_ERROR(CheckFollows(EditionInUse(), *edition).WithContext(folder));
  UseEdition(std::move(*edition));
  return {};
}

Status UseCodeListsOfRegister(const std::string& folder) {
  const std::string asked = EditionInUse().version;
  KPR_RETURN_IF_ERROR(UseCodeLists(folder));
  const bool others = folder.empty() ? asked != BuiltInEdition().version
                                     : asked != BuiltInEdition().version && asked != EditionInUse().version;
  if (!others) return {};
  return Invalid(
      "--code-lists and KPR_CODE_LISTS are for commands without a register's data: set registry.code_lists");
}

}  // namespace kpr
