// Tables that one recipient gets and the public does not: under the same disclosure control, in both
// directions.
#include <google/protobuf/util/time_util.h>

#include "indicators/publication/figures.h"
#include "indicators/publication/publication_office.h"

namespace kpr::publication {
namespace {

// As of a release, but for what compares it with the one before.
Result<std::vector<PublicFile>> FilesOf(const v1::StoredRelease& given) {
  const std::vector<v1::ReleaseTable> tables(given.shown_tables().begin(), given.shown_tables().end());
  KPR_ASSIGN_OR_RETURN(const v1::Certificate certificate,
                       Certify(tables, given.plan().policy(), given.plan().structure_year()));
  std::vector<PublicFile> files = MakeFiles(given.plan(), tables, certificate, {});
  std::erase_if(files, [](const PublicFile& file) { return file.name == kRevisionsFile; });
  return files;
}

}  // namespace

Result<std::vector<PublicFile>> PublicationOffice::Give(const std::string& id,
                                                        const v1::PublicationPlan& plan,
                                                        const std::string& position) {
  {
    MutexLock lock(mutex_);
    const auto before = store_.ReadGiven(id);
    if (before.ok()) return FilesOf(*before);
    if (before.status().code() != Code::kNotFound) return before.status();
  }
  v1::StoredRelease given;
  *given.mutable_plan() = plan;
  given.set_position(position);
  for (const v1::TablePlan& table : plan.tables()) {
    if (stopping_) return Unavailable("interrupted; build again to continue");
    KPR_ASSIGN_OR_RETURN(const auto source,
                         options_.query->SourceAt(table.indicator(), table.version(), position));
    KPR_ASSIGN_OR_RETURN(*given.add_tables(), ComputeTable(*options_.query, *source, table, {&plan, {}}));
  }
  // Nothing is released between what is reckoned with and what is kept.
  MutexLock lock(mutex_);
  KPR_ASSIGN_OR_RETURN(const Earlier earlier, store_.ReadEarlierToGive());
  KPR_ASSIGN_OR_RETURN(const PreparedRelease prepared,
                       PrepareRelease(plan, {given.tables().begin(), given.tables().end()}, earlier));
  given.set_shown(prepared.shown);
  for (const v1::ReleaseTable& table : prepared.tables) *given.add_shown_tables() = table;
  *given.mutable_released_at() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(options_.clock->UnixMillis());
  KPR_ASSIGN_OR_RETURN(std::vector<PublicFile> files, FilesOf(given));
  KPR_RETURN_IF_ERROR(store_.WriteGiven(id, given));
  return files;
}

}  // namespace kpr::publication
