// Arithmetic modulo the prime 2^61 - 1: exact where doubles are not. Whether a hidden figure follows from
// shown ones is a question of rank, and rank modulo this prime is the rank over the rationals unless the
// prime divides a minor of the matrix, whose entries are small: the chance for random choices is below 2^-60.
#pragma once

#include <cstdint>

namespace kpr::disclosure {

class Field {
 public:
  static constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;

  constexpr Field() = default;
  static constexpr Field Of(int64_t value) {
    const int64_t rest = value % static_cast<int64_t>(kPrime);
    return Field(static_cast<uint64_t>(rest < 0 ? rest + static_cast<int64_t>(kPrime) : rest));
  }
  constexpr bool zero() const { return value_ == 0; }
  friend constexpr bool operator==(Field, Field) = default;
  friend constexpr Field operator+(Field a, Field b) {
    const uint64_t sum = a.value_ + b.value_;
    return Field(sum >= kPrime ? sum - kPrime : sum);
  }
  friend constexpr Field operator-(Field a, Field b) {
    return Field(a.value_ >= b.value_ ? a.value_ - b.value_ : a.value_ + kPrime - b.value_);
  }
  friend constexpr Field operator*(Field a, Field b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a.value_) * b.value_;
    const uint64_t folded = static_cast<uint64_t>(product & kPrime) + static_cast<uint64_t>(product >> 61);
    return Field(folded >= kPrime ? folded - kPrime : folded);
  }
  // 1 / this, of what is not zero (Fermat).
  constexpr Field Inverse() const {
    Field result(1), power = *this;
    for (uint64_t exponent = kPrime - 2; exponent != 0; exponent >>= 1) {
      if (exponent & 1) result = result * power;
      power = power * power;
    }
    return result;
  }

 private:
  constexpr explicit Field(uint64_t value) : value_(value) {}
  uint64_t value_ = 0;
};

// Steele, Lea and Flood's SplitMix64. The seed is the caller's, so that the same release has the same bytes.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  Field NextField() { return Field::Of(static_cast<int64_t>(Next() >> 3)); }
  // In [0, 1).
  double NextDouble() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

 private:
  uint64_t state_;
};

}  // namespace kpr::disclosure
