#include "indicators/publication/release_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

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

Result<v1::Draft> ReleaseStore::ReadDraftHead(const std::string& series) const {
  auto head = ReadMessage<v1::Draft>(fmt::format("{}/{}/draft/head.pb", folder_, series));
  if (!head.ok() && head.status().code() == Code::kNotFound) {
    return NotFound(fmt::format("series '{}' has no draft: 'kpr release draft' makes one", series));
  }
  return head;
}

Result<v1::StoredDraft> ReleaseStore::ReadDraft(const std::string& series) const {
  KPR_ASSIGN_OR_RETURN(v1::Draft head, ReadDraftHead(series));
  v1::StoredDraft draft;
  for (uint32_t i = 0; i < head.tables_done(); ++i) {
    KPR_ASSIGN_OR_RETURN(*draft.add_tables(),
                         ReadMessage<v1::ReleaseTable>(fmt::format("{}/{}/draft/{}.pb", folder_, series, i)));
  }
  *draft.mutable_draft() = std::move(head);
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

Result<std::vector<std::string>> ReleaseStore::Series() const {
  std::vector<std::string> series;
  std::error_code error;
  if (!std::filesystem::exists(folder_, error) && !error) return series;
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    series.push_back(entry->path().filename().string());
  }
  // What was released and cannot be read would not be reckoned with.
  if (error) return Unavailable(folder_ + ": cannot be listed: " + error.message());
  std::sort(series.begin(), series.end());
  return series;
}

Result<uint32_t> ReleaseStore::LastNumber(const std::string& series) const {
  std::set<uint32_t> numbers;
  std::error_code error;
  const std::string folder = folder_ + "/" + series;
  if (!std::filesystem::exists(folder, error) && !error) return 0u;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool digits =
        name.size() < 9 && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) continue;
    if (std::filesystem::exists(entry->path() / "files" / kManifestFile, error)) {
      numbers.insert(static_cast<uint32_t>(std::stoul(name)));
    }
    if (error) break;
  }
  if (error) return Unavailable(folder + ": cannot be listed: " + error.message());
  const uint32_t last = numbers.empty() ? 0 : *numbers.rbegin();
  if (numbers.size() != last)
    return DataLoss(folder + ": a release between 1 and " + std::to_string(last) + " is missing");
  return last;
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
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> all_series, Series());
  for (const std::string& one : all_series) {
    KPR_ASSIGN_OR_RETURN(const uint32_t last_number, LastNumber(one));
    for (uint32_t number = 1; number <= last_number; ++number) {
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
  KPR_ASSIGN_OR_RETURN(earlier.last_number, LastNumber(series));
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
  if (std::filesystem::exists(folder + "/files/" + kManifestFile))
    return Internal(folder + " is released already");
  KPR_RETURN_IF_ERROR(WriteFileDurably(folder + "/private.pb", stored.SerializeAsString(), kPrivate));
  for (const PublicFile& file : files) {
    KPR_RETURN_IF_ERROR(WriteFileDurably(folder + "/files/" + file.name, file.content));
  }
  KPR_RETURN_IF_ERROR(WriteFileDurably(folder + "/files/" + kSignatureFile, signature));
  return WriteFileDurably(folder + "/files/" + kManifestFile, ToJson(manifest));
}

}  // namespace kpr::publication
