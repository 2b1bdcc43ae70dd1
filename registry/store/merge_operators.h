// How stored values grow: timelines by facts at their end, cells by amounts. Private to registry/store.
#pragma once

#include <rocksdb/merge_operator.h>

#include <memory>

namespace kpr {

std::shared_ptr<rocksdb::MergeOperator> ConcatenateOperator();
std::shared_ptr<rocksdb::MergeOperator> AddCellsOperator();

}  // namespace kpr
