// A table by municipality code: found by one look, as questions look millions of times.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace kpr {

template <class T>
class ByCode {
 public:
  static constexpr uint16_t kCodes = 10'000;  // of four digits; others are one, 0

  // An entry of its own is made for a code that has none.
  T& operator[](uint16_t code) {
    uint16_t& at = at_[Index(code)];
    if (at == 0) {
      entries_.emplace_back(Index(code), T());
      at = static_cast<uint16_t>(entries_.size());
    }
    return entries_[at - 1u].second;
  }
  // nullptr: it has none.
  const T* Find(uint16_t code) const {
    const uint16_t at = at_[Index(code)];
    return at == 0 ? nullptr : &entries_[at - 1u].second;
  }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  static uint16_t Index(uint16_t code) { return code < kCodes ? code : uint16_t{0}; }

  std::vector<uint16_t> at_ = std::vector<uint16_t>(kCodes);  // one more than where its entry is
  std::vector<std::pair<uint16_t, T>> entries_;
};

}  // namespace kpr
