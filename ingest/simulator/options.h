#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/ids.h"

namespace kpr::simulator {

// Shares of events that reality spoils.
struct Noise {
  double corrected = 0.02;   // sent wrong first, then replaced
  double annulled = 0.005;   // never was, then annulled
  double late = 0.05;        // sent weeks after the fact
  double duplicated = 0.01;  // sent twice
  double lost = 0.0002;      // never sent: a gap in the chain
  double renumbered = 0.01;  // of persons: begin with a D-number and get a birth number
};

inline constexpr double kMostContacts = 200;  // of a recipient in a year

struct Options {
  uint64_t seed = 1;
  Date from, to;  // the days simulated, both included
  std::vector<Municipality> municipalities;
  double scale = 1;     // of the country's size
  double contacts = 0;  // with other health services, of each recipient in a year
  bool his1135_facts_only = false;
  Noise noise;
};

}  // namespace kpr::simulator
