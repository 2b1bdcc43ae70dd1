#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "registry/store/partition_store.h"
#include "registry/store/rocks.h"

namespace kpr {
namespace {

// What is numbered from here on is not what the store it was copied from numbers.
Status DrawEpoch(const std::string& directory) {
  KPR_ASSIGN_OR_RETURN(const auto store, OpenPartitionStore(directory));
  StoreWrite write;
  write.next_offset = store->next_offset();
  write.horizon_days = store->horizon_days();
  write.feedback_next = store->feedback_next();
  write.epoch = std::random_device()();
  return store->Write(write);
}

}  // namespace

std::vector<BackupInfo> ListBackups(const std::string& directory) {
  rocksdb::BackupEngineReadOnly* opened = nullptr;
  if (!std::filesystem::is_directory(directory + "/meta") ||
      !rocksdb::BackupEngineReadOnly::Open(rocksdb::Env::Default(), BackupOptions(directory), &opened).ok())
    return {};
  const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
  std::vector<rocksdb::BackupInfo> infos;
  engine->GetBackupInfo(&infos);
  std::vector<BackupInfo> backups;
  for (const rocksdb::BackupInfo& info : infos) {
    backups.push_back({directory, info.backup_id, std::strtoull(info.app_metadata.c_str(), nullptr, 10)});
  }
  return backups;
}

Status Restore(const BackupInfo& backup, const std::string& store) {
  const std::string doing = fmt::format("restore {} from {}", store, backup.directory);
  if (std::filesystem::exists(store)) return FailedPrecondition(doing + ": there is a store already");
  rocksdb::BackupEngineReadOnly* opened = nullptr;
  KPR_RETURN_IF_ERROR(FromRocks(
      rocksdb::BackupEngineReadOnly::Open(rocksdb::Env::Default(), BackupOptions(backup.directory), &opened),
      doing));
  const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
  const std::string partial = store + ".partial";
  std::error_code error;
  std::filesystem::remove_all(partial, error);
  KPR_RETURN_IF_ERROR(FromRocks(engine->RestoreDBFromBackup(backup.number, partial, partial), doing));
  KPR_RETURN_IF_ERROR(DrawEpoch(partial).WithContext(doing));
  std::filesystem::rename(partial, store, error);
  return error ? Unavailable(doing + ": " + error.message()) : Status();
}

}  // namespace kpr
