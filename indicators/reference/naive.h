// The naive batch: every cell from all effective events at once, the slow and obvious way. It shares no code
// with the fold and the engine but the definition language and the cell key, and is written differently on
// purpose: it pools events by final identity, walks day by day and asks each question of the events anew.
// `kpr verify` and the property tests hold the register against it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/definition/definition.h"
#include "kpr/v1/event.pb.h"

namespace kpr {

// All of one register's log in the order of each partition; the partitions one after the other.
class NaiveRegister {
 public:
  void Add(const v1::Event& event, const std::string& sender);  // as in the log: with pseudonym
  void Tick(int32_t horizon_days);

  // Encoded cell key to "slot=amount slot=amount", no zeros, as ExportCells writes the register's.
  std::map<std::string, std::string> Cells(const Catalogue& catalogue) const;
  size_t events() const { return events_.size(); }

 private:
  std::vector<v1::Event> events_;
  int32_t horizon_days_ = 0;
};

}  // namespace kpr
