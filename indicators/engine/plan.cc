#include "indicators/engine/plan.h"

#include <fmt/format.h>

namespace kpr {

uint32_t IndicatorNumber(const v1::Definition& definition) {
  const std::string name = fmt::format("{}@{}", definition.id(), definition.version());
  return static_cast<uint32_t>(Fnv1a(name) >> 32) | 1u;
}

PeriodKind ToPeriodKind(v1::PeriodUnit unit) {
  return unit == v1::PERIOD_UNIT_MONTH     ? PeriodKind::kMonth
         : unit == v1::PERIOD_UNIT_TERTIAL ? PeriodKind::kTertial
                                           : PeriodKind::kYear;
}

int Plan::Find(const std::string& id, uint32_t version) const {
  int best = -1;
  for (int i = 0; i < static_cast<int>(catalogue.definitions.size()); ++i) {
    const auto& d = catalogue.definitions[static_cast<size_t>(i)];
    if (d.id() != id || (version != 0 && d.version() != version)) continue;
    if (best < 0 || d.version() > catalogue.definitions[static_cast<size_t>(best)].version()) best = i;
  }
  return best;
}

}  // namespace kpr
