#include "extracts/office/extract_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "extracts/office/person_list.h"

namespace kpr::extract {
namespace {

constexpr unsigned kPrivate = 0600;

}  // namespace

Result<std::vector<std::string>> ExtractStore::Ids() const {
  std::vector<std::string> ids;
  std::error_code error;
  if (!std::filesystem::exists(folder_, error) && !error) return ids;
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (std::filesystem::exists(entry->path() / "extract.pb", error))
      ids.push_back(entry->path().filename().string());
    if (error) break;
  }
  if (error) return Unavailable(folder_ + ": cannot be listed: " + error.message());
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<v1::Extract> ExtractStore::Read(const std::string& id) const {
  const std::string path = FolderOf(id) + "/extract.pb";
  const auto bytes = ReadFile(path);
  if (!bytes.ok() && bytes.status().code() == Code::kNotFound)
    return NotFound(
        fmt::format("there is no extract '{}'; 'kpr extract list' shows those that there are", id));
  if (!bytes.ok()) return bytes.status();
  v1::Extract extract;
  if (!extract.ParseFromString(*bytes)) return DataLoss(path + ": cannot be read; restore it from a backup");
  return extract;
}

Status ExtractStore::Write(const v1::Extract& extract) const {
  return WriteFileDurably(FolderOf(extract.id()) + "/extract.pb", extract.SerializeAsString(), kPrivate);
}

std::string ExtractStore::FilesOf(const std::string& id) const {
  return FolderOf(id) + "/files";
}

Status ExtractStore::RemoveFiles(const std::string& id) const {
  std::error_code error;
  std::filesystem::remove_all(FilesOf(id), error);
  return error ? Unavailable(FilesOf(id) + ": cannot be removed: " + error.message()) : Status();
}

Result<std::string> ExtractStore::ReadPiece(const std::string& id, const std::string& name, uint64_t offset,
                                            size_t size) const {
  const std::string path = FilesOf(id) + "/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unavailable(path + ": cannot be opened");
  file.seekg(static_cast<std::streamoff>(offset));
  std::string piece(size, '\0');
  file.read(piece.data(), static_cast<std::streamsize>(size));
  if (file.bad()) return Unavailable(path + ": cannot be read");
  piece.resize(static_cast<size_t>(file.gcount()));
  return piece;
}

Result<std::string> ExtractStore::WritePersons(const std::string& id, std::vector<SubjectId> persons) const {
  return WritePersonList(PersonsOf(id), std::move(persons));
}

Result<std::vector<SubjectId>> ExtractStore::ReadPersons(const std::string& id) const {
  return ReadPersonList(PersonsOf(id));
}

Result<uint64_t> ExtractStore::CountPersons(const std::string& id) const {
  return CountPersonList(PersonsOf(id));
}

Result<bool> ExtractStore::HasPerson(const std::string& id, const SubjectId& person) const {
  return PersonListHas(PersonsOf(id), person);
}

}  // namespace kpr::extract
