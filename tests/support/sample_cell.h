// The value of a cell, as the store adds them up (registry/store/merge.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.h"

namespace kpr {

inline std::string Slots(const std::map<uint32_t, int64_t>& slots) {
  std::string out;
  uint32_t last = 0;
  for (const auto& [slot, amount] : slots) {
    PutVarint(&out, slot - last);
    PutSigned(&out, amount);
    last = slot;
  }
  return out;
}

}  // namespace kpr
