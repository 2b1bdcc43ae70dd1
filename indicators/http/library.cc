#include "indicators/http/library.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto/hash.h"
#include "base/crypto/signature.h"
#include "base/limits.h"
#include "indicators/http/message.h"
#include "registry/codelists/edition.h"

namespace kpr::http {
namespace {

constexpr int64_t kCheckMillis = 1000;

// Tables of a release by its files.
std::vector<std::string> IndicatorsOf(const v1::Release& release) {
  std::vector<std::string> indicators;
  for (const v1::ReleaseFile& file : release.files()) {
    const std::string& name = file.name();
    if (name.starts_with("tables/") && name.ends_with(".json"))
      indicators.push_back(name.substr(7, name.size() - 12));
  }
  return indicators;
}

int64_t MillisOf(const v1::Release& release) {
  return release.released_at().seconds() * 1000 + release.released_at().nanos() / 1'000'000;
}

}  // namespace

const TableEntry* Published::Find(const std::string& id) const {
  const std::string wanted = LowerCase(id);
  for (const TableEntry& table : tables) {
    if (std::to_string(table.id) == wanted || LowerCase(table.name()) == wanted) return &table;
  }
  return nullptr;
}

Result<uint64_t> Library::CountReleases() const {
  uint64_t count = 0;
  KPR_ASSIGN_OR_RETURN(const auto all_series, store_.Series());
  for (const std::string& series : all_series) {
    KPR_ASSIGN_OR_RETURN(const uint32_t last, store_.LastNumber(series));
    count += last;
  }
  return count;
}

Result<std::shared_ptr<const Published>> Library::Now() {
  const MutexLock lock(mutex_);
  const int64_t now = clock_->UnixMillis();
  const bool fresh = now - checked_at_ < kCheckMillis && now >= checked_at_;
  if (fresh && published_ != nullptr) return published_;
  if (fresh && !failure_.ok()) return failure_;
  checked_at_ = now;
  const Status refreshed = Refresh();
  if (refreshed.ok()) {
    failure_ = refreshed;
  } else if (published_ == nullptr) {
    failure_ = refreshed;
    return refreshed;
  } else if (failure_.message() != refreshed.message()) {
    // What was there before is still true; that there is more is told to the operator, once.
    failure_ = refreshed;
    if (on_failure_) on_failure_("releases cannot be read again: " + refreshed.message());
  }
  return published_;
}

Status Library::Refresh() {
  KPR_ASSIGN_OR_RETURN(const uint64_t count, CountReleases());
  if (published_ != nullptr && count == counted_) return {};
  KPR_ASSIGN_OR_RETURN(published_, Read(published_ == nullptr ? 1 : published_->generation + 1));
  counted_ = count;
  return {};
}

Result<std::shared_ptr<const Published>> Library::Read(uint64_t generation) const {
  auto published = std::make_shared<Published>();
  published->generation = generation;
  KPR_ASSIGN_OR_RETURN(const auto all_series, store_.Series());
  for (const std::string& series : all_series) {
    KPR_ASSIGN_OR_RETURN(const uint32_t last, store_.LastNumber(series));
    for (uint32_t number = 1; number <= last; ++number) {
      KPR_ASSIGN_OR_RETURN(v1::Release manifest, ReadSigned(series, number));
      published->releases[series].push_back(std::move(manifest));
    }
  }
  std::vector<const v1::Release*> in_order;
  for (const auto& [series, releases] : published->releases) {
    for (const v1::Release& release : releases) in_order.push_back(&release);
  }
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const auto* a, const auto* b) { return MillisOf(*a) < MillisOf(*b); });
  std::map<std::string, size_t> known;
  for (const v1::Release* release : in_order) {
    for (const std::string& indicator : IndicatorsOf(*release)) {
      TableEntry entry;
      entry.series = release->series();
      entry.indicator = indicator;
      const auto [at, is_new] = known.try_emplace(entry.name(), published->tables.size());
      if (is_new) {
        entry.id = static_cast<uint32_t>(at->second + 1);
        published->tables.push_back(std::move(entry));
      }
      published->tables[at->second].releases.push_back(release);
    }
  }
  for (TableEntry& table : published->tables) {
    // One that cannot be read is not there to be read; the others are.
    auto json = ReadFile(table.last(), "tables/" + table.indicator + ".json");
    v1::ReleaseTable of;
    Status read = json.ok() ? publication::FromJson(*json, table.indicator, of) : json.status();
    if (!read.ok() && on_failure_) on_failure_(read.message());
    table.title = of.title();
    if (table.title.nb().empty()) table.title.set_nb(table.indicator);
  }
  return std::shared_ptr<const Published>(std::move(published));
}

Result<v1::Release> Library::ReadSigned(const std::string& series, uint32_t number) const {
  KPR_ASSIGN_OR_RETURN(const std::string json, store_.ReadPublic(series, number, publication::kManifestFile));
  KPR_ASSIGN_OR_RETURN(const std::string signature,
                       store_.ReadPublic(series, number, publication::kSignatureFile));
  v1::Release manifest;
  KPR_RETURN_IF_ERROR(publication::FromJson(json, publication::kManifestFile, manifest));
  if (!crypto::SignedBy(json, signature, manifest.public_key()) || manifest.series() != series ||
      manifest.number() != number) {
    return DataLoss(fmt::format("release {} of '{}': its manifest is not what was signed", number, series));
  }
  return manifest;
}

Result<std::string> Library::ReadFile(const v1::Release& release, const std::string& name) const {
  if (name == publication::kManifestFile || name == publication::kSignatureFile)
    return store_.ReadPublic(release.series(), release.number(), name);
  for (const v1::ReleaseFile& file : release.files()) {
    if (file.name() != name) continue;
    KPR_ASSIGN_OR_RETURN(std::string content, store_.ReadPublic(release.series(), release.number(), name));
    if (crypto::Sha256(content) != file.sha256()) {
      return DataLoss(fmt::format("release {} of '{}': {} is not what its manifest says", release.number(),
                                  release.series(), name));
    }
    return content;
  }
  return NotFound(
      fmt::format("release {} of '{}' has no file '{}'", release.number(), release.series(), name));
}

Result<std::shared_ptr<const Cube>> Library::ReadCube(const v1::Release& release,
                                                      const std::string& indicator) {
  const CubeKey key{fmt::format("{}/{} {}", release.series(), release.number(), EditionInUse().version),
                    indicator};
  {
    const MutexLock lock(mutex_);
    for (auto at = cubes_.begin(); at != cubes_.end(); ++at) {
      if (at->first != key) continue;
      cubes_.splice(cubes_.begin(), cubes_, at);
      return cubes_.front().second;
    }
  }
  KPR_ASSIGN_OR_RETURN(const std::string json, ReadFile(release, "tables/" + indicator + ".json"));
  v1::ReleaseTable table;
  KPR_RETURN_IF_ERROR(publication::FromJson(json, indicator, table));
  auto cube = std::make_shared<const Cube>(std::move(table), static_cast<int>(release.structure_year()));
  const MutexLock lock(mutex_);
  cubes_.emplace_front(key, cube);
  if (cubes_.size() > limits::kPublishedCubes) cubes_.pop_back();
  return std::shared_ptr<const Cube>(cube);
}

std::shared_ptr<const v1::Definition> Library::DefinitionOf(const v1::ReleaseTable& table) const {
  if (plans_ == nullptr) return nullptr;
  const auto plan = plans_->Get();
  const int at = plan->Find(table.indicator(), table.version());
  if (at < 0) return nullptr;
  return {plan, &plan->catalogue.definitions[static_cast<size_t>(at)]};
}

}  // namespace kpr::http
