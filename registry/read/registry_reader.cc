#include "registry/read/registry_reader.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"

namespace kpr {

Date RegistryReader::horizon() const {
  Date horizon = kNoEnd;
  for (uint32_t i = 0; i < partitions(); ++i) horizon = std::min(horizon, Date{store(i)->horizon_days()});
  return horizon;
}

uint64_t RegistryReader::Quarantined() const {
  uint64_t records = 0;
  for (uint32_t i = 0; i < partitions(); ++i) records += store(i)->quarantined();
  return records;
}

uint64_t RegistryReader::epoch() const {
  uint64_t epoch = 0;
  for (uint32_t i = 0; i < partitions(); ++i) epoch ^= store(i)->epoch();
  return epoch;
}

Result<std::vector<uint64_t>> RegistryReader::PositionsAtEndOf(Date day) const {
  std::vector<uint64_t> positions;
  std::string after;
  PutBigEndian(&after, static_cast<uint32_t>(day.days + 1));
  for (uint32_t i = 0; i < partitions(); ++i) {
    std::optional<uint64_t> begun;
    StoreState state;
    KPR_RETURN_IF_ERROR(store(i)->ScanRange(
        Table::kDayBoundaries, after, "",
        [&](std::string_view, std::string_view offset) {
          begun = ByteReader(offset).Varint();
          return false;
        },
        &state));
    positions.push_back(begun.value_or(state.next_offset));
  }
  return positions;
}

}  // namespace kpr
