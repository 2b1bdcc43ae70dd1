// A set of small codes (service types, places of death), tested in one step.
#pragma once

#include <bitset>
#include <cstdint>

namespace kpr {

class CodeSet {
 public:
  static constexpr uint32_t kCodes = 128;  // 0 to 127

  // Codes beyond the range are never held: the check of definitions knows the code lists.
  void Add(uint32_t code) {
    if (code < kCodes) bits_.set(code);
  }
  void Add(const CodeSet& other) { bits_ |= other.bits_; }
  bool Has(uint32_t code) const { return code < kCodes && bits_[code]; }
  bool empty() const { return bits_.none(); }
  bool operator==(const CodeSet&) const = default;
  bool operator<(const CodeSet& other) const { return bits_.to_string() < other.bits_.to_string(); }

 private:
  std::bitset<kCodes> bits_;
};

}  // namespace kpr
