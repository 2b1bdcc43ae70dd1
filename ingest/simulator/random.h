// One small generator for the simulator: the same stream on every platform and library.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/ids.h"

namespace kpr::simulator {

class Random {  // splitmix64
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double p) { return Unit() < p; }
  int Below(int n) { return static_cast<int>(Next() % static_cast<uint64_t>(n)); }
  int Between(int low, int high) { return low + Below(high - low + 1); }
  double Exponential(double mean) { return -mean * std::log(1 - Unit()); }
  // A whole number with this mean: floor, or one more by the fraction's chance.
  int Around(double mean) { return static_cast<int>(mean) + (Chance(mean - std::floor(mean)) ? 1 : 0); }
  Uuid Id() {
    Uuid id;
    for (size_t i = 0; i < 16; i += 8) {
      const uint64_t word = Next();
      std::memcpy(id.bytes.data() + i, &word, 8);
    }
    id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0F) | 0x40);
    id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3F) | 0x80);
    return id;
  }

 private:
  uint64_t state_;
};

}  // namespace kpr::simulator
