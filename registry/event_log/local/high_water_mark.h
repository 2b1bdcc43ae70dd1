// How far the streams of a log were durable, in a file apart from the log: a log that has lost its end looks
// whole by itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace kpr {

class HighWaterMark {
 public:
  // An empty path: there is no mark.
  explicit HighWaterMark(std::string path) : path_(std::move(path)) {}

  // kDataLoss: a stream ends before its mark; says how much is missing and what can be done. OK where there
  // is no mark yet. kUnavailable: the file is no mark.
  Status Check(const std::vector<uint64_t>& ends) const;
  // Replaces the mark; the file is whole, this or the one before, whatever happens.
  Status Write(const std::vector<uint64_t>& ends) const;

 private:
  const std::string path_;
};

}  // namespace kpr
