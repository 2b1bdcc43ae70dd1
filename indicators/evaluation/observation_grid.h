// The days on which a subject is observed, and on which of them a condition holds. Pure.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/calendar.h"
#include "indicators/cells/cell.h"

namespace kpr {

// One observation: the days [first, day]; first == day where only the last day counts.
struct ObservationWindow {
  Date first, day;
};

// Observations in the order of their days. `first` does not fall either.
class ObservationGrid {
 public:
  void Clear() { windows_.clear(); }
  void Add(ObservationWindow window) { windows_.push_back(window); }
  size_t size() const { return windows_.size(); }
  const ObservationWindow& operator[](size_t i) const { return windows_[i]; }
  // The first observation whose last day is `day` or later.
  size_t AtOrAfter(Date day) const {
    return static_cast<size_t>(std::partition_point(windows_.begin(), windows_.end(),
                                                    [&](const ObservationWindow& w) { return w.day < day; }) -
                               windows_.begin());
  }
  // The first observation that begins after `day`.
  size_t BeginningAfter(Date day) const {
    return static_cast<size_t>(
        std::partition_point(windows_.begin(), windows_.end(),
                             [&](const ObservationWindow& w) { return w.first <= day; }) -
        windows_.begin());
  }

 private:
  std::vector<ObservationWindow> windows_;
};

// A set of positions on a grid. Reused, so that it allocates once.
class BitSet {
 public:
  void Reset(size_t size, bool full) {
    size_ = size;
    words_.assign((size + 63) / 64, full ? ~uint64_t{0} : 0);
    Trim();
  }
  void Fill(size_t begin, size_t end) {
    for (size_t i = begin; i < end;) {
      const size_t bit = i % 64, n = std::min(end - i, 64 - bit);
      words_[i / 64] |= (n == 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1) << bit;
      i += n;
    }
  }
  bool Has(size_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }
  bool empty() const {
    return std::all_of(words_.begin(), words_.end(), [](uint64_t w) { return w == 0; });
  }
  void And(const BitSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  void Or(const BitSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  void Without(const BitSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }

 private:
  void Trim() {
    if (size_ % 64 != 0) words_.back() &= (uint64_t{1} << (size_ % 64)) - 1;
  }
  size_t size_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace kpr
