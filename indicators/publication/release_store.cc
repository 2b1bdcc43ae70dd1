#include "indicators/publication/release_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>

#include "base/files.h"

namespace kpr::publication {
namespace {

constexpr unsigned kPrivate = 0600;
constexpr const char* kGivenFolder = ".given";  // no series: their names begin with a letter
constexpr const char* kGivenEnd = ".pb";

// Names of what is in the folder, sorted; none where there is no folder. What cannot be read would not be
// reckoned with.
Result<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  if (!std::filesystem::exists(folder, error) && !error) return names;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return Unavailable(folder + ": cannot be listed: " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

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
  KPR_ASSIGN_OR_RETURN(std::vector<std::string> names, NamesIn(folder_));
  std::erase(names, kGivenFolder);
  return names;
}

Result<std::vector<std::string>> ReleaseStore::GivenIds() const {
  KPR_ASSIGN_OR_RETURN(std::vector<std::string> names, NamesIn(folder_ + "/" + kGivenFolder));
  // What is being written is not given yet.
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(kGivenEnd); });
  for (std::string& name : names) name.resize(name.size() - std::string_view(kGivenEnd).size());
  return names;
}

Result<v1::StoredRelease> ReleaseStore::ReadGiven(const std::string& id) const {
  return ReadMessage<v1::StoredRelease>(fmt::format("{}/{}/{}{}", folder_, kGivenFolder, id, kGivenEnd));
}

Status ReleaseStore::WriteGiven(const std::string& id, const v1::StoredRelease& given) const {
  return WriteFileDurably(fmt::format("{}/{}/{}{}", folder_, kGivenFolder, id, kGivenEnd),
                          given.SerializeAsString(), kPrivate);
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

// Of all series and recipients, oldest first.
Result<std::vector<v1::StoredRelease>> ReleaseStore::ReadAll() const {
  std::vector<v1::StoredRelease> releases;
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> all_series, Series());
  for (const std::string& series : all_series) {
    KPR_ASSIGN_OR_RETURN(const uint32_t last_number, LastNumber(series));
    for (uint32_t number = 1; number <= last_number; ++number) {
      KPR_ASSIGN_OR_RETURN(releases.emplace_back(),
                           ReadMessage<v1::StoredRelease>(FolderOf(series, number) + "/private.pb"));
    }
  }
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> given, GivenIds());
  for (const std::string& id : given) {
    KPR_ASSIGN_OR_RETURN(releases.emplace_back(), ReadGiven(id));
  }
  std::stable_sort(releases.begin(), releases.end(), [](const auto& a, const auto& b) {
    return std::pair(a.released_at().seconds(), a.released_at().nanos()) <
           std::pair(b.released_at().seconds(), b.released_at().nanos());
  });
  return releases;
}

Result<std::vector<v1::ReleaseTable>> ReleaseStore::ReadTables(const std::string& series, uint32_t number,
                                                               const Indicators* wanted) const {
  std::vector<v1::ReleaseTable> tables;
  KPR_ASSIGN_OR_RETURN(const v1::Release manifest, ReadManifest(series, number));
  for (const v1::ReleaseFile& file : manifest.files()) {
    constexpr std::string_view kBegin = "tables/", kEnd = ".json";
    const std::string& name = file.name();
    if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) continue;
    const std::string indicator = name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size());
    if (wanted != nullptr && !wanted->contains(indicator)) continue;
    KPR_ASSIGN_OR_RETURN(const std::string json, ReadPublic(series, number, name));
    KPR_RETURN_IF_ERROR(FromJson(json, name, tables.emplace_back()));
  }
  return tables;
}

Result<std::vector<v1::ReleaseTable>> ReleaseStore::ReadShown(
    const Indicators& wanted, const std::vector<v1::StoredRelease>& all) const {
  std::multimap<std::pair<int64_t, int32_t>, v1::ReleaseTable> by_time;
  const auto add = [&](const google::protobuf::Timestamp& at, v1::ReleaseTable table) {
    if (wanted.contains(table.indicator()))
      by_time.emplace(std::pair(at.seconds(), at.nanos()), std::move(table));
  };
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> all_series, Series());
  for (const std::string& series : all_series) {
    KPR_ASSIGN_OR_RETURN(const uint32_t last, LastNumber(series));
    for (uint32_t number = 1; number <= last; ++number) {
      KPR_ASSIGN_OR_RETURN(const v1::Release manifest, ReadManifest(series, number));
      KPR_ASSIGN_OR_RETURN(std::vector<v1::ReleaseTable> tables, ReadTables(series, number, &wanted));
      for (v1::ReleaseTable& table : tables) add(manifest.released_at(), std::move(table));
    }
  }
  for (const v1::StoredRelease& release : all) {
    for (const v1::ReleaseTable& table : release.shown_tables()) add(release.released_at(), table);
  }
  std::vector<v1::ReleaseTable> shown;
  for (auto& [at, table] : by_time) shown.push_back(std::move(table));
  return shown;
}

Result<Earlier> ReleaseStore::ReadEarlier(const v1::PublicationPlan& plan) const {
  Earlier earlier;
  KPR_ASSIGN_OR_RETURN(earlier.releases, ReadAll());
  Indicators wanted;
  for (const v1::TablePlan& table : plan.tables()) wanted.insert(table.indicator());
  KPR_ASSIGN_OR_RETURN(earlier.shown_tables, ReadShown(wanted, earlier.releases));
  return earlier;
}

Status ReleaseStore::ReadLast(const std::string& series, Earlier* earlier) const {
  KPR_ASSIGN_OR_RETURN(earlier->last_number, LastNumber(series));
  if (earlier->last_number == 0) return {};
  KPR_ASSIGN_OR_RETURN(const auto last, ReadMessage<v1::StoredRelease>(
                                            FolderOf(series, earlier->last_number) + "/private.pb"));
  earlier->last_structure_year = last.plan().structure_year();
  KPR_ASSIGN_OR_RETURN(earlier->last_tables, ReadTables(series, earlier->last_number, nullptr));
  return {};
}

Result<v1::PublicationPlan> ReleaseStore::ReadLastPlan(const std::string& series) const {
  KPR_ASSIGN_OR_RETURN(const uint32_t last, LastNumber(series));
  if (last == 0) return v1::PublicationPlan();
  KPR_ASSIGN_OR_RETURN(const auto stored,
                       ReadMessage<v1::StoredRelease>(FolderOf(series, last) + "/private.pb"));
  return stored.plan();
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
