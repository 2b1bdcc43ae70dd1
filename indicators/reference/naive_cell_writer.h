// Puts one subject's amounts for one component and period into the expected cells, and remembers where the
// subject was. Reference only.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "indicators/cells/cell.h"
#include "indicators/reference/naive_subject.h"

namespace kpr::naive {

// A period's amounts at a place and in a stratum. The key's period is the kind of period and its year the
// ordinal.
class ExpectedSlots {  // a country has tens of millions of cells: no node for each number
 public:
  int64_t& operator[](uint32_t slot) {
    const auto at = std::lower_bound(all_.begin(), all_.end(), slot,
                                     [](const auto& entry, uint32_t wanted) { return entry.first < wanted; });
    return at != all_.end() && at->first == slot ? at->second : all_.insert(at, {slot, 0})->second;
  }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::vector<std::pair<uint32_t, int64_t>> all_;  // by slot
};
using ExpectedCells = std::unordered_map<CellKey, ExpectedSlots, CellKeyHash>;

struct Place {
  std::vector<std::string> municipalities;
  std::string provider;
};

class CellWriter {
 public:
  // Both outlive the writer. `number` is of the indicator version.
  CellWriter(const Subject& subject, uint32_t number, Period period, ExpectedCells* cells)
      : s_(subject), number_(number), period_(period), cells_(cells) {}

  void Put(const Place& place, Date age_on, uint32_t slot, int64_t amount);
  // One for the subject: in all municipalities and bands that amounts were put in, and at each provider.
  void PutSubjects() const;

 private:
  // Where the subject is behind the amount of a slot.
  struct Behind {
    std::set<uint16_t> municipalities;
    std::set<uint8_t> bands;
  };
  CellKey NewKey() const;

  const Subject& s_;
  uint32_t number_;
  Period period_;
  ExpectedCells* cells_;
  std::map<std::pair<uint32_t, uint32_t>, Behind> behind_;  // by slot and provider; 0 is everywhere
};

}  // namespace kpr::naive
