// Drafts and releases in the data directory: <folder>/<series>/draft/, and <folder>/<series>/<number>/ with
// what is public in files/ and what is not in private.pb; and what was given to one recipient in .given/.
// Everything is written whole or not at all. Not for several writers at once.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/publication/release_files.h"
#include "indicators/publication/release_maker.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

class ReleaseStore {
 public:
  explicit ReleaseStore(std::string folder) : folder_(std::move(folder)) {}

  // kNotFound: the series has none.
  Result<v1::StoredDraft> ReadDraft(const std::string& series) const;
  Result<v1::Draft> ReadDraftHead(const std::string& series) const;
  // Its head; the tables one by one.
  Status WriteDraft(const v1::Draft& draft) const;
  Status WriteDraftTable(const std::string& series, int index, const v1::ReleaseTable& table) const;
  Status RemoveDraft(const std::string& series) const;

  Result<std::vector<std::string>> Series() const;
  // 0: no release. kDataLoss: one is missing among them.
  Result<uint32_t> LastNumber(const std::string& series) const;
  Result<std::string> ReadPublic(const std::string& series, uint32_t number, const std::string& name) const;
  Result<v1::Release> ReadManifest(const std::string& series, uint32_t number) const;
  // All that was released and given before a release by the plan, without what is the series' own.
  Result<Earlier> ReadEarlier(const v1::PublicationPlan& plan) const;
  // The last release of the series, if there is one.
  Status ReadLast(const std::string& series, Earlier* earlier) const;
  // Its plan; an empty one if there is no release.
  Result<v1::PublicationPlan> ReadLastPlan(const std::string& series) const;
  // Ids under which tables were given, sorted; and what was. kNotFound: nothing yet.
  Result<std::vector<std::string>> GivenIds() const;
  Result<v1::StoredRelease> ReadGiven(const std::string& id) const;
  Status WriteGiven(const std::string& id, const v1::StoredRelease& given) const;
  // The manifest last: until it is there, there is no release.
  Status WriteRelease(const v1::Release& manifest, const std::string& signature,
                      const std::vector<PublicFile>& files, const v1::StoredRelease& stored) const;

 private:
  std::string FolderOf(const std::string& series, uint32_t number) const;
  Result<std::vector<v1::StoredRelease>> ReadAll() const;
  using Indicators = std::set<std::string>;
  // Those of the indicators; of all where there is no set.
  Result<std::vector<v1::ReleaseTable>> ReadTables(const std::string& series, uint32_t number,
                                                   const Indicators* wanted) const;
  Result<std::vector<v1::ReleaseTable>> ReadShown(const Indicators& wanted,
                                                  const std::vector<v1::StoredRelease>& all) const;
  const std::string folder_;
};

}  // namespace kpr::publication
