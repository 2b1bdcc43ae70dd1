#include "registry/store/rocks.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

namespace kpr {
namespace {

std::shared_ptr<rocksdb::Cache> SharedCache() {
  static const auto cache = rocksdb::NewLRUCache(384u << 20);
  return cache;
}

std::shared_ptr<rocksdb::WriteBufferManager> SharedWriteBuffers() {
  static const auto manager = std::make_shared<rocksdb::WriteBufferManager>(384u << 20, SharedCache());
  return manager;
}

}  // namespace

rocksdb::ColumnFamilyOptions FamilyOptions(std::shared_ptr<rocksdb::MergeOperator> merge) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 32u << 20;
  options.max_successive_merges = 8;
  options.merge_operator = std::move(merge);
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = SharedCache();
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::DBOptions StoreOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_total_wal_size = 24u << 20;  // bounds what a start after a kill replays
  options.write_buffer_manager = SharedWriteBuffers();
  options.max_background_jobs = 2;
  options.max_file_opening_threads = 2;  // for each of the column families
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.allow_fallocate = false;
  return options;
}

Status FromRocks(const rocksdb::Status& status, const std::string& doing) {
  if (status.ok()) return {};
  // A store whose list of files names one that is not there is as damaged as one whose bytes are wrong.
  if (status.IsCorruption() || status.IsPathNotFound()) {
    return DataLoss(
        fmt::format("{}: {}. A running server rebuilds it from the log by itself; else run 'kpr rebuild'",
                    doing, status.ToString()));
  }
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return FailedPrecondition(fmt::format("{}: another process has it open ({})", doing, status.ToString()));
  }
  return Unavailable(fmt::format("{}: {}", doing, status.ToString()));
}

std::string AfterPrefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xFF) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return end;
}

rocksdb::BackupEngineOptions BackupOptions(const std::string& directory) {
  rocksdb::BackupEngineOptions options(directory);
  options.sync = true;
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  return options;
}

}  // namespace kpr
