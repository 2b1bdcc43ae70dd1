#include "registry/apply/outbox.h"

#include "registry/log_record/routing.h"

namespace kpr {

Result<std::vector<OutboxRecord>> ReadOutbox(const PartitionStore& store, uint32_t partitions, size_t limit) {
  std::vector<OutboxRecord> records;
  KPR_RETURN_IF_ERROR(store.Scan(Table::kOutbox, "", [&](std::string_view key, std::string_view value) {
    records.push_back({std::string(key), PartitionOf(SubjectId::FromView(key.substr(0, 16)), partitions),
                       std::string(value)});
    return records.size() < limit;
  }));
  return records;
}

}  // namespace kpr
