// Indirect standardisation: what each area would have at the rates of all areas together, stratum by stratum.
// Pure.
#pragma once

#include <map>
#include <span>
#include <string>

namespace kpr {

// Of one area in one stratum.
struct StratumCount {
  std::string area, stratum;
  double events = 0;
  double at_risk = 0;
};

struct Standardised {
  double observed = 0, at_risk = 0, expected = 0;
};

// By area. Nothing is expected in a stratum where nobody is at risk.
std::map<std::string, Standardised> IndirectlyStandardise(std::span<const StratumCount> counts);

}  // namespace kpr
