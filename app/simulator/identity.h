// Synthetic identity numbers only: month + 80, the series of the Norwegian test population. No such number is
// ever given to a person.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/date.h"

namespace kpr::simulator {

class IdentityNumbers {
 public:
  // A number that has not been given before; with `d_number` one of the temporary kind.
  std::string Next(Date birth, bool d_number);

 private:
  std::unordered_map<int32_t, int> given_;  // by birth date and kind: individual numbers used
};

// Nine digits with check digit, one for each index.
std::string OrganisationNumber(uint32_t index);

}  // namespace kpr::simulator
