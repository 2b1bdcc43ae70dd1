// Where a reader of findings is: the registry's epoch and the next feedback number in each partition.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kpr {

// "g7.12.0.7". A registry that was rebuilt numbers its feedback again from 0, so a cursor of another epoch
// starts over: a finding reported twice is better than one not reported.
struct Cursor {
  uint64_t epoch = 0;
  std::vector<uint64_t> next;  // by partition

  static Cursor Start(uint64_t epoch, uint32_t partitions) {
    return {epoch, std::vector<uint64_t>(partitions)};
  }
  // Empty text is the start. Nothing where the text is not a cursor.
  static std::optional<Cursor> Parse(const std::string& text, uint64_t epoch, uint32_t partitions);
  std::string ToString() const;
};

}  // namespace kpr
