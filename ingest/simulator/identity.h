// Synthetic identity numbers only: month + 80, the series of the Norwegian test population. No such number is
// ever given to a person.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/date.h"

namespace kpr::simulator {

// Who left one municipality alive and may appear in another.
struct Mover {
  std::string number;
  Date birth, left;
  bool female = false;
};

// Shared by all municipalities of one country.
class IdentityNumbers {
 public:
  // A number that has not been given before; with `d_number` one of the temporary kind.
  std::string Next(Date birth, bool d_number);

  void Leave(Mover mover);
  // Somebody who left within the 45 days before `on`; empty if there is nobody.
  std::optional<Mover> Arrive(Date on);

 private:
  std::deque<Mover> movers_;                // the latest few thousand
  std::unordered_map<int32_t, int> given_;  // by birth date and kind: individual numbers used
};

// Nine digits with check digit, one for each index.
std::string OrganisationNumber(uint32_t index);

}  // namespace kpr::simulator
