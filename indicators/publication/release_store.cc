#include "indicators/publication/release_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"

namespace kpr::publication {
namespace {

constexpr unsigned kPrivate = 0600;

template <typename Message>
Result<Message> ReadMessage(const std::string& path) {
  KPR_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  Message message;
  if (!message.ParseFromString(bytes)) return DataLoss(path + ": cannot be read; restore it from a backup");
  return message;
}

}  // namespace

std::string ReleaseStore::FolderOf(const std::string& series, uint32_t number) const {
  return fmt::format("{}/{}/{}", folder_, series, number);
}

Result<v1::StoredDraft> ReleaseStore::ReadDraft(const std::string& series) const {
  const std::string folder = fmt::format("{}/{}/draft", folder_, series);
  auto head = ReadMessage<v1::Draft>(folder + "/head.pb");
  if (!head.ok() && head.status().code() == Code::kNotFound) {
    return NotFound(fmt::format("series '{}' has no draft: 'kpr release draft' makes one", series));
  }
  KPR_RETURN_IF_ERROR(head.status());
  v1::StoredDraft draft;
  for (uint32_t i = 0; i < head->tables_done(); ++i) {
    KPR_ASSIGN_OR_RETURN(*draft.add_tables(),
                         ReadMessage<v1::ReleaseTable>(fmt::format("{}/{}.pb", folder, i)));
  }
  *draft.mutable_draft() = std::move(*head);
  return draft;
}

Status ReleaseStore::WriteDraft(const v1::Draft& draft) const {
  return WriteFileDurably(fmt::format("{}/{}/draft/head.pb", folder_, draft.series()),
                          draft.SerializeAsString(), kPrivate);
}

Status ReleaseStore::WriteDraftTable(const std::string& series, int index,
                                     const v1::ReleaseTable& table) const {
  return WriteFileDurably(fmt::format("{}/{}/draft/{}.pb", folder_, series, index), table.SerializeAsString(),
                          kPrivate);
}

Status ReleaseStore::RemoveDraft(const std::string& series) const {
  std::error_code error;
  std::filesystem::remove_all(fmt::format("{}/{}/draft", folder_, series), error);
  return error ? Unavailable("cannot remove the draft of " + series + ": " + error.message()) : Status();
}

std::vector<std::string> ReleaseStore::Series() const {
  std::vector<std::string> series;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.is_directory()) series.push_back(entry.path().filename().string());
  }
  std::sort(series.begin(), series.end());
  return series;
}

uint32_t ReleaseStore::LastNumber(const std::string& series) const {
  uint32_t number = 0;
  while (std::filesystem::exists(FolderOf(series, number + 1) + "/files/" + kManifestFile)) ++number;
  return number;
}

Result<std::string> ReleaseStore::ReadPublic(const std::string& series, uint32_t number,
                                             const std::string& name) const {
  auto content = ReadFile(FolderOf(series, number) + "/files/" + name);
  if (!content.ok())
    return NotFound(fmt::format("release {} of '{}' has no file '{}'", number, series, name));
  return content;
}

Result<v1::Release> ReleaseStore::ReadManifest(const std::string& series, uint32_t number) const {
  KPR_ASSIGN_OR_RETURN(const std::string json, ReadPublic(series, number, kManifestFile));
  v1::Release manifest;
  KPR_RETURN_IF_ERROR(FromJson(json, kManifestFile, manifest));
  return manifest;
}

Result<Earlier> ReleaseStore::ReadEarlier(const std::string& series) const {
  Earlier earlier;
  for (const std::string& one : Series()) {
    for (uint32_t number = 1; number <= LastNumber(one); ++number) {
      KPR_ASSIGN_OR_RETURN(auto stored,
                           ReadMessage<v1::StoredRelease>(FolderOf(one, number) + "/private.pb"));
      if (one == series) earlier.last_structure_year = stored.plan().structure_year();
      earlier.releases.push_back(std::move(stored));
    }
  }
  std::stable_sort(earlier.releases.begin(), earlier.releases.end(), [](const auto& a, const auto& b) {
    return std::pair(a.released_at().seconds(), a.released_at().nanos()) <
           std::pair(b.released_at().seconds(), b.released_at().nanos());
  });
  earlier.last_number = LastNumber(series);
  if (earlier.last_number == 0) return earlier;
  KPR_ASSIGN_OR_RETURN(const v1::Release last, ReadManifest(series, earlier.last_number));
  for (const v1::ReleaseFile& file : last.files()) {
    if (!file.name().starts_with("tables/") || !file.name().ends_with(".json")) continue;
    KPR_ASSIGN_OR_RETURN(const std::string json, ReadPublic(series, earlier.last_number, file.name()));
    KPR_RETURN_IF_ERROR(FromJson(json, file.name(), earlier.last_tables.emplace_back()));
  }
  return earlier;
}

Status ReleaseStore::WriteRelease(const v1::Release& manifest, const std::string& signature,
                                  const std::vector<PublicFile>& files,
                                  const v1::StoredRelease& stored) const {
  const std::string folder = FolderOf(manifest.series(), manifest.number());
  KPR_RETURN_IF_ERROR(WriteFileDurably(folder + "/private.pb", stored.SerializeAsString(), kPrivate));
  for (const PublicFile& file : files) {
    KPR_RETURN_IF_ERROR(WriteFileDurably(folder + "/files/" + file.name, file.content));
  }
  KPR_RETURN_IF_ERROR(WriteFileDurably(folder + "/files/" + kSignatureFile, signature));
  return WriteFileDurably(folder + "/files/" + kManifestFile, ToJson(manifest));
}

}  // namespace kpr::publication
