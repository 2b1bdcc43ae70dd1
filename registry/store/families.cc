#include "registry/store/families.h"

#include <rocksdb/slice_transform.h>

#include "registry/store/merge_operators.h"
#include "registry/store/rocks.h"

namespace kpr {

std::vector<rocksdb::ColumnFamilyDescriptor> FamiliesFor(StoreUse use) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (int i = 0; i < kFamilies; ++i) {
    std::shared_ptr<rocksdb::MergeOperator> merge;
    if (i == kTimelineFamily) merge = ConcatenateOperator();
    if (i == kCellFamily || i == kTotalFamily) merge = AddCellsOperator();
    rocksdb::ColumnFamilyOptions options = FamilyOptions(std::move(merge));
    if (i == kCellFamily || i == kTotalFamily) {
      // Deltas come sorted; neighbours share the first bytes of their keys.
      options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(6));
      options.max_successive_merges = 0;
    }
    if (use == StoreUse::kFilling) {
      options.write_buffer_size = 96u << 20;
      // Merges by the number of files alone, and at fewer than slow down a store that serves.
      options.level0_file_num_compaction_trigger = 16;
      options.max_bytes_for_level_base = uint64_t{1} << 40;
    }
    families.emplace_back(kFamilyNames[i], options);
  }
  return families;
}

}  // namespace kpr
