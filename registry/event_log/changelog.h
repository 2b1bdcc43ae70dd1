// The port to what a partition's worker publishes for those who only read: keyed values, the last of a key
// counts, and one writer at a time. Order is kept within a partition.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace kpr {

struct ChangelogRecord {
  std::string key;
  std::optional<std::string> value;  // none: the key goes
  uint64_t offset = 0;               // of what was read
};

// Of one partition. One thread.
class ChangelogProducer {
 public:
  virtual ~ChangelogProducer() = default;
  // Becomes the only writer: what another has not finished is as if it had not been, and it can write no
  // more.
  virtual Status Begin() = 0;
  // All of it or nothing. kFailedPrecondition: another has become the writer. After any error, Begin again.
  virtual Status Write(const std::vector<ChangelogRecord>& records) = 0;
};

// Of one partition. One thread.
class ChangelogReader {
 public:
  virtual ~ChangelogReader() = default;
  // Reads on from the offset; 0 is the beginning of what is kept.
  virtual Status Seek(uint64_t offset) = 0;
  struct Poll {
    std::vector<ChangelogRecord> records;
    uint64_t next_offset = 0;  // to seek to later
    bool caught_up = false;    // there was no more when it was read
  };
  virtual Result<Poll> Read(std::chrono::milliseconds timeout) = 0;
};

// Thread-safe.
class Changelog {
 public:
  virtual ~Changelog() = default;
  virtual Result<std::unique_ptr<ChangelogProducer>> Producer(uint32_t partition) = 0;
  virtual Result<std::unique_ptr<ChangelogReader>> Reader(uint32_t partition) = 0;
};

}  // namespace kpr
