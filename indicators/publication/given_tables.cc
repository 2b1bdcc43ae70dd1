// Tables that one recipient gets and the public does not: under the same disclosure control, in both
// directions.
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <map>
#include <set>

#include "indicators/geography/structure.h"
#include "indicators/publication/amount_sums.h"
#include "indicators/publication/figures.h"
#include "indicators/publication/publication_office.h"
#include "registry/codelists/edition.h"

namespace kpr::publication {
namespace {

// As of a release, but for what compares it with the one before.
std::vector<PublicFile> FilesOf(const v1::StoredRelease& given, const v1::Certificate& certificate) {
  std::vector<PublicFile> files =
      MakeFiles(given.plan(), {given.shown_tables().begin(), given.shown_tables().end()}, certificate, {});
  std::erase_if(files, [](const PublicFile& file) { return file.name == kRevisionsFile; });
  return files;
}

std::set<std::string> PopulationsOf(const v1::ReleaseTable& table) {
  std::set<std::string> populations;
  for (const v1::ReleaseAmount& amount : table.amounts()) {
    if (!amount.public_()) populations.insert(amount.population());
    if (!amount.within().empty()) populations.insert(amount.within());
  }
  return populations;
}

// How figures are laid out that can be compared one by one.
struct Layout {
  uint32_t structure_year = 0;
  PeriodKind periods{};
  bool operator==(const Layout&) const = default;
};

Layout LayoutOf(const v1::PublicationPlan& plan, const v1::ReleaseTable& table) {
  const auto period = table.rows().empty() ? std::nullopt : Period::Parse(table.rows(0).period());
  return {plan.structure_year(), period ? period->kind : PeriodKind::kYear};
}

// Between a year and its months, or two structures, no relation is known: what one hides could be worked out
// from the other.
Status CheckLayouts(const v1::StoredRelease& given, const std::vector<v1::StoredRelease>& earlier) {
  std::map<std::string, Layout> layouts;     // by population
  std::map<std::string, uint32_t> versions;  // by indicator
  const auto check = [&](const v1::StoredRelease& release) -> Status {
    for (const v1::ReleaseTable& table : release.tables()) {
      const auto version = versions.find(table.indicator());
      if (version != versions.end() && version->second != table.version())
        return FailedPrecondition(table.indicator() +
                                  ": is shown by another version of the definition already");
      for (const std::string& population : PopulationsOf(table)) {
        const auto known = layouts.find(population);
        if (known != layouts.end() && known->second != LayoutOf(release.plan(), table))
          return FailedPrecondition(
              fmt::format("{}: the same people are shown in periods of another kind or in another structure "
                          "year already",
                          table.indicator()));
      }
    }
    return {};
  };
  for (const v1::ReleaseTable& table : given.tables()) {
    versions[table.indicator()] = table.version();
    for (const std::string& population : PopulationsOf(table))
      layouts.emplace(population, LayoutOf(given.plan(), table));
  }
  KPR_RETURN_IF_ERROR(check(given));
  // Releases may differ among themselves.
  for (const v1::StoredRelease& release : earlier) KPR_RETURN_IF_ERROR(check(release));
  return {};
}

}  // namespace

Result<bool> PublicationOffice::HasGiven(const std::string& id) {
  const MutexLock lock(mutex_);
  const auto given = store_.ReadGiven(id);
  if (!given.ok() && given.status().code() != Code::kNotFound) return given.status();
  return given.ok();
}

Result<std::vector<PublicFile>> PublicationOffice::Give(const std::string& id,
                                                        const v1::PublicationPlan& plan,
                                                        const std::string& position,
                                                        const std::function<Status()>& proceed) {
  KPR_ASSIGN_OR_RETURN(const bool before, HasGiven(id));
  if (before) {
    KPR_ASSIGN_OR_RETURN(const v1::StoredRelease given, store_.ReadGiven(id));
    if (given.position() != position || given.plan().SerializeAsString() != plan.SerializeAsString())
      return DataLoss(
          id +
          ": other tables were given under this id; the folder of extracts is not the one that was "
          "used with these publications");
    KPR_ASSIGN_OR_RETURN(const v1::Certificate certificate,
                         Certify({given.shown_tables().begin(), given.shown_tables().end()},
                                 given.plan().policy(), given.plan().structure_year()));
    return FilesOf(given, certificate);
  }
  v1::StoredRelease given;
  *given.mutable_plan() = plan;
  given.set_position(position);
  given.set_structure_hash(Structure::Of(static_cast<int>(plan.structure_year())).hash());
  std::vector<v1::ReleaseTable> tables;
  for (const v1::TablePlan& table : plan.tables()) {
    KPR_RETURN_IF_ERROR(proceed());
    KPR_ASSIGN_OR_RETURN(const auto source,
                         options_.query->SourceAt(table.indicator(), table.version(), position));
    KPR_ASSIGN_OR_RETURN(tables.emplace_back(), ComputeTable(*options_.query, *source, table, {&plan, {}}));
  }
  if (plan.policy().method() != v1::METHOD_ROUND) FindSums(tables);
  given.mutable_tables()->Assign(tables.begin(), tables.end());
  // Nothing is released between what is reckoned with and what is kept.
  const MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(const Earlier earlier, store_.ReadEarlier(plan));
  KPR_RETURN_IF_ERROR(CheckLayouts(given, earlier.releases));
  KPR_ASSIGN_OR_RETURN(const PreparedRelease prepared, PrepareRelease(plan, tables, earlier));
  given.set_shown(prepared.shown);
  for (const v1::ReleaseTable& table : prepared.tables) *given.add_shown_tables() = table;
  *given.mutable_released_at() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(options_.clock->UnixMillis());
  KPR_RETURN_IF_ERROR(proceed());
  KPR_RETURN_IF_ERROR(store_.WriteGiven(id, given));
  return FilesOf(given, prepared.certificate);
}

}  // namespace kpr::publication
