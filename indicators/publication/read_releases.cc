// What was released, as anybody who may can read it.
#include <fmt/format.h>

#include <algorithm>

#include "indicators/publication/publication_office.h"

namespace kpr::publication {

Result<std::vector<v1::Release>> PublicationOffice::Releases(const std::string& series) const {
  std::vector<v1::Release> releases;
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> all_series, store_.Series());
  for (const std::string& one : all_series) {
    if (!series.empty() && one != series) continue;
    KPR_ASSIGN_OR_RETURN(const uint32_t last, store_.LastNumber(one));
    for (uint32_t number = 1; number <= last; ++number) {
      KPR_ASSIGN_OR_RETURN(v1::Release manifest, store_.ReadManifest(one, number));
      releases.push_back(std::move(manifest));
    }
  }
  return releases;
}

Result<std::string> PublicationOffice::ReadFile(const v1::GetReleaseFileRequest& request) const {
  const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  if (request.series().empty() || !std::all_of(request.series().begin(), request.series().end(), allowed)) {
    return Invalid("series: expected its id");
  }
  if (request.name() == kManifestFile || request.name() == kSignatureFile) {
    return store_.ReadPublic(request.series(), request.number(), request.name());
  }
  KPR_ASSIGN_OR_RETURN(const v1::Release manifest, store_.ReadManifest(request.series(), request.number()));
  for (const v1::ReleaseFile& file : manifest.files()) {
    if (file.name() == request.name())
      return store_.ReadPublic(request.series(), request.number(), file.name());
  }
  return NotFound(
      fmt::format("release {} of '{}' has no file '{}'", request.number(), request.series(), request.name()));
}

}  // namespace kpr::publication
