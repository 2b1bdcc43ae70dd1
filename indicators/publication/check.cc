#include "indicators/publication/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/crypto/hash.h"
#include "base/crypto/signature.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/limits.h"
#include "indicators/geography/structure.h"
#include "indicators/publication/pools.h"
#include "indicators/publication/release_files.h"
#include "indicators/publication/release_maker.h"
#include "indicators/query/area.h"
#include "registry/codelists/edition.h"

namespace kpr::publication {
namespace {

constexpr int kLevelsOfSum = 3;  // each once: the country, counties, municipalities

// What a table must be to be read at all: whoever signs may write what he likes.
// `terms` is how many the sums of the tables so far have.
Status CheckShape(const v1::ReleaseTable& table, const std::string& file, size_t& terms) {
  const auto bad = [&](const std::string& what) { return DataLoss(file + ": is no table: " + what); };
  const int amounts = table.amounts_size();
  if (amounts == 0 || !table.amounts(0).whole()) return bad("it has no amounts");
  for (const uint32_t a : table.value_amounts()) {
    if (a >= static_cast<uint32_t>(amounts)) return bad("value_amounts");
  }
  if (table.decimals() > limits::kShownDecimals) return bad("decimals");
  std::set<std::string> ids;
  for (const v1::ReleaseAmount& amount : table.amounts()) {
    if (!ids.insert(amount.id()).second) return bad("two amounts " + amount.id());
    for (const v1::AmountSum& sum : amount.sums()) {
      const std::set<std::string> parts(sum.parts().begin(), sum.parts().end());
      if (static_cast<int>(parts.size()) != sum.parts_size()) return bad("parts of " + amount.id());
      if (sum.levels_size() + sum.levels_of_same_size() > kLevelsOfSum)
        return bad("levels of " + amount.id());
      terms += (parts.size() + 1) * static_cast<size_t>(table.rows_size());
    }
  }
  if (terms > limits::kTermsOfSums) return bad("too many sums");
  std::set<std::string> rows;
  for (const v1::ReleaseRow& row : table.rows()) {
    const std::string& area = row.area();
    if (!rows.insert(fmt::format("{}|{}|{}|{}", row.period(), area, row.sex(), row.age())).second)
      return bad("two rows of " + area);
    const std::string number = IsPool(area) ? area.substr(0, 2) : area;
    const bool digits = number.size() <= 4 && std::all_of(number.begin(), number.end(),
                                                          [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || (number != "0" && number.size() != 2 && number.size() != 4))
      return bad("area '" + area + "'");
    if (area.size() == 4 && !Municipality::Parse(area)) return bad("area '" + area + "'");
    if (row.amounts_size() != amounts || row.states_size() != amounts || row.persons_size() != 0) {
      return bad("the amounts of " + area);
    }
    for (const uint32_t a : table.value_amounts()) {
      const auto state = row.states(static_cast<int>(a));
      if (row.has_value() && (state == v1::FIGURE_STATE_HIDDEN || state == v1::FIGURE_STATE_MISSING))
        return bad("a value of hidden amounts of " + area);
    }
    for (const int64_t amount : row.amounts()) {
      if (amount < 0 || amount > limits::kPublishedAmount) return bad("an amount of " + area);
    }
  }
  return {};
}

// Each municipality in one pool, and in that of its county.
Status CheckPlanPools(const v1::PublicationPlan& plan, const std::string& file) {
  const Structure& structure = Structure::Of(static_cast<int>(plan.structure_year()));
  std::set<std::string> seen;
  for (const v1::Pool& pool : plan.pools()) {
    for (const std::string& code : pool.municipalities()) {
      const auto municipality = Municipality::Parse(code);
      const bool of_county =
          municipality &&
          AreaCode(v1::LEVEL_MUNICIPALITY, PoolOf(structure.CountyOf(*municipality))) == pool.code();
      if (!of_county || !seen.insert(code).second) return DataLoss(file + ": pools: " + pool.code());
    }
  }
  return {};
}

// Rows of pooled municipalities say nothing but where they are shown, as the plan has it; and a pool is of
// two at least. They are in no sum that is attacked, so that nothing else would find it.
Status CheckPools(const v1::ReleaseTable& table, const v1::PublicationPlan& plan, const std::string& file) {
  const auto bad = [&](const std::string& area) { return DataLoss(file + ": is no table: pool of " + area); };
  const std::map<std::string, std::string> pools = PoolOfEach(plan);
  const auto stratum = [](const v1::ReleaseRow& row, const std::string& area) {
    return fmt::format("{}|{}|{}|{}", row.period(), area, row.sex(), row.age());
  };
  std::map<std::string, int> members;
  for (const v1::ReleaseRow& row : table.rows()) {
    const auto pool = pools.find(row.area());
    if (row.pool() != (pool == pools.end() ? "" : pool->second)) return bad(row.area());
    const bool pooled = row.missing_reason() == v1::MISSING_REASON_POOLED;
    if (row.pool().empty()) {
      if (pooled) return bad(row.area());
      continue;
    }
    const bool empty =
        std::all_of(row.amounts().begin(), row.amounts().end(), [](int64_t a) { return a == 0; }) &&
        std::all_of(row.states().begin(), row.states().end(),
                    [](int state) { return state == v1::FIGURE_STATE_MISSING; });
    if (!empty || row.has_value() || row.has_lower() || row.has_upper()) return bad(row.area());
    members[stratum(row, row.pool())] += pooled;
  }
  for (const v1::ReleaseRow& row : table.rows()) {
    if (!IsPool(row.area()) || members[stratum(row, row.area())] >= kTogether) continue;
    for (int a = 0; a < row.amounts_size(); ++a) {
      const bool shown = row.states(a) == v1::FIGURE_STATE_SHOWN && !table.amounts(a).public_();
      if (shown && row.amounts(a) > 0) return bad(row.area());
    }
  }
  return {};
}

class Checker {
 public:
  Checker(std::string folder, const std::string& public_key)
      : folder_(std::move(folder)), public_key_(public_key) {}

  Result<CheckedRelease> Run(const CheckedRelease* before) {
    KPR_RETURN_IF_ERROR(ReadManifest());
    if (before != nullptr) KPR_RETURN_IF_ERROR(CheckChain(*before));
    KPR_RETURN_IF_ERROR(ReadFiles());
    KPR_ASSIGN_OR_RETURN(const Edition* lists, ReadCodeLists());
    checked_.other_lists = lists->version != EditionInUse().version;
    const EditionScope scope(*lists);
    KPR_RETURN_IF_ERROR(CheckTables());
    return checked_;
  }

 private:
  std::string PathOf(const std::string& name) const { return folder_ + "/" + name; }

  Status ReadManifest() {
    KPR_ASSIGN_OR_RETURN(const std::string json, ReadFile(PathOf(kManifestFile)));
    KPR_ASSIGN_OR_RETURN(const std::string signature, ReadFile(PathOf(kSignatureFile)));
    v1::Release& manifest = checked_.manifest;
    KPR_RETURN_IF_ERROR(FromJson(json, PathOf(kManifestFile), manifest));
    checked_.manifest_sha256 = crypto::Sha256(json);
    if (!public_key_.empty() && manifest.public_key() != public_key_) {
      return DataLoss(PathOf(kManifestFile) + ": is signed with another key than the one given");
    }
    if (!crypto::SignedBy(json, signature, manifest.public_key())) {
      return DataLoss(PathOf(kSignatureFile) + ": is not a signature of " + kManifestFile + " by its key");
    }
    return {};
  }

  Status CheckChain(const CheckedRelease& before) const {
    const v1::Release& manifest = checked_.manifest;
    if (manifest.series() != before.manifest.series() || manifest.number() != before.manifest.number() + 1 ||
        manifest.previous_sha256() != before.manifest_sha256) {
      return DataLoss(fmt::format("{}: does not follow release {} of {}", PathOf(kManifestFile),
                                  before.manifest.number(), before.manifest.series()));
    }
    if (manifest.public_key() != before.manifest.public_key()) {
      return DataLoss(PathOf(kManifestFile) + ": is signed with another key than the release before");
    }
    return {};
  }

  Status ReadFiles() {
    std::set<std::string> names;
    for (const v1::ReleaseFile& file : checked_.manifest.files()) {
      if (file.name().find("..") != std::string::npos || file.name().starts_with('/')) {
        return DataLoss(PathOf(kManifestFile) + ": names a file outside the release");
      }
      auto content = ReadFile(PathOf(file.name()));
      if (!content.ok()) return DataLoss(PathOf(file.name()) + ": is missing");
      if (crypto::Sha256(*content) != file.sha256())
        return DataLoss(PathOf(file.name()) + ": is not what was released");
      ++checked_.files;
      checked_.bytes += content->size();
      files_[file.name()] = std::move(*content);
    }
    return {};
  }

  Status Parse(const std::string& name, google::protobuf::Message& message) const {
    const auto file = files_.find(name);
    if (file == files_.end()) return DataLoss(PathOf(kManifestFile) + ": names no " + name);
    return FromJson(file->second, PathOf(name), message);
  }

  // Names and sums over counties are by them. Kept until the process ends.
  Result<const Edition*> ReadCodeLists() const {
    std::vector<embedded::File> lists;
    for (const auto& [name, content] : files_) {
      if (name.starts_with(kCodeListFolder))
        lists.push_back({name.substr(std::string(kCodeListFolder).size()), content});
    }
    const std::string& by = checked_.manifest.code_lists();
    if (lists.empty()) {  // of an earlier version
      if (by.empty() || by == EditionInUse().version) return &EditionInUse();
      return FailedPrecondition(
          fmt::format("{}: the release has no code lists in it and is by version {}, not {}: give them by "
                      "--code-lists",
                      folder_, by, EditionInUse().version));
    }
    auto edition = ReadEdition(lists);
    if (!edition.ok()) return edition.status().WithContext(PathOf(kCodeListFolder));
    if (edition->version != by)
      return DataLoss(PathOf(kCodeListFolder) + ": are not the lists that the release is by");
    return &KeepEdition(std::move(*edition));
  }

  // The attack; and that the other files say the same as the tables.
  Status CheckTables() {
    v1::PublicationPlan plan;
    v1::Certificate certificate;
    v1::RevisionRecord revisions;
    KPR_RETURN_IF_ERROR(Parse(kPlanFile, plan));
    KPR_RETURN_IF_ERROR(Parse(kCertificateFile, certificate));
    KPR_RETURN_IF_ERROR(Parse(kRevisionsFile, revisions));
    if (plan.structure_year() < Structure::kFirstYear || plan.structure_year() > Structure::kLastYear) {
      return DataLoss(PathOf(kPlanFile) + ": structure_year");
    }
    KPR_RETURN_IF_ERROR(CheckPlanPools(plan, PathOf(kPlanFile)));
    std::vector<v1::ReleaseTable> tables;
    std::set<std::string> indicators;
    size_t terms = 0;
    for (const v1::TablePlan& table : plan.tables()) {
      const std::string name = "tables/" + table.indicator() + ".json";
      KPR_RETURN_IF_ERROR(Parse(name, tables.emplace_back()));
      KPR_RETURN_IF_ERROR(CheckShape(tables.back(), PathOf(name), terms));
      KPR_RETURN_IF_ERROR(CheckPools(tables.back(), plan, PathOf(name)));
      if (!indicators.insert(table.indicator()).second || tables.back().indicator() != table.indicator())
        return DataLoss(PathOf(kPlanFile) + ": its tables are not one of each indicator");
    }
    for (const PublicFile& file : MakeFiles(plan, tables, certificate, revisions)) {
      const auto released = files_.find(file.name);
      if (released == files_.end() || released->second != file.content) {
        return DataLoss(PathOf(file.name) + ": does not say the same as the tables");
      }
    }
    auto attacked = Certify(tables, plan.policy(), plan.structure_year());
    if (!attacked.ok()) return attacked.status().WithContext(folder_);
    if (attacked->hidden() != certificate.hidden()) {
      return DataLoss(PathOf(kCertificateFile) + ": is about another number of hidden figures");
    }
    for (const v1::ReleaseTable& table : tables) {
      checked_.figures +=
          static_cast<uint64_t>(table.rows_size()) * static_cast<uint64_t>(table.amounts_size());
    }
    checked_.hidden = attacked->hidden();
    checked_.narrowest = attacked->narrowest();
    return {};
  }

  const std::string folder_;
  const std::string& public_key_;
  CheckedRelease checked_;
  std::map<std::string, std::string> files_;
};

}  // namespace

Result<CheckedRelease> CheckRelease(const std::string& folder, const std::string& public_key,
                                    const CheckedRelease* before) {
  return Checker(folder, public_key).Run(before);
}

}  // namespace kpr::publication
