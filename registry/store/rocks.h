// How the stores of this folder use RocksDB. Private to registry/store.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/utilities/backup_engine.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kpr {

// One cache and one bound on unflushed writes for all stores of the process.
rocksdb::DBOptions StoreOptions();
rocksdb::ColumnFamilyOptions FamilyOptions(std::shared_ptr<rocksdb::MergeOperator> merge);
rocksdb::BackupEngineOptions BackupOptions(const std::string& directory);

Status FromRocks(const rocksdb::Status& status, const std::string& doing);

// The first key after all that begin with the prefix; empty: there is no end.
std::string AfterPrefix(std::string_view prefix);

inline std::string_view View(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

}  // namespace kpr
