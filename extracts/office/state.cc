#include "extracts/office/state.h"

#include <fmt/format.h>

namespace kpr::extract {

std::vector<uint64_t> PositionsOf(const RegistryReader& registry) {
  std::vector<uint64_t> positions;
  for (uint32_t i = 0; i < registry.partitions(); ++i) positions.push_back(registry.store(i)->next_offset());
  return positions;
}

Status StateIs(const v1::Extract& extract, v1::Extract::State wanted, const char* what) {
  if (extract.state() == wanted) return {};
  return FailedPrecondition(fmt::format("{} is {}, not {}", extract.id(),
                                        v1::Extract::State_Name(extract.state()).substr(sizeof "STATE_" - 1),
                                        what));
}

}  // namespace kpr::extract
