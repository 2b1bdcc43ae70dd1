#include "indicators/statistics/standardisation.h"

namespace kpr {

std::map<std::string, Standardised> IndirectlyStandardise(std::span<const StratumCount> counts) {
  std::map<std::string, StratumCount> all;  // by stratum
  for (const StratumCount& c : counts) {
    all[c.stratum].events += c.events;
    all[c.stratum].at_risk += c.at_risk;
  }
  std::map<std::string, Standardised> areas;
  for (const StratumCount& c : counts) {
    const StratumCount& total = all[c.stratum];
    Standardised& area = areas[c.area];
    area.observed += c.events;
    area.at_risk += c.at_risk;
    if (total.at_risk > 0) area.expected += c.at_risk * total.events / total.at_risk;
  }
  return areas;
}

}  // namespace kpr
