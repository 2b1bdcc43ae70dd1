// The records behind the entries: each sealed with the audit key and bound to its index, appended to files of
// 256. Not for several writers at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/status.h"

namespace kpr::audit {

inline constexpr uint64_t kRecordsInFile = 256;

class RecordFiles {
 public:
  // `context` is the log's name: a record of another log does not open here.
  RecordFiles(std::string folder, std::string key, std::string context);
  ~RecordFiles();
  RecordFiles(const RecordFiles&) = delete;
  RecordFiles& operator=(const RecordFiles&) = delete;

  // Calls f(index, plain) for the records [from, end), until it returns false. kDataLoss: one is damaged or
  // is not there.
  Status ForEach(uint64_t from, uint64_t end, const std::function<bool(uint64_t, std::string&&)>& f) const;
  // How many there are. What a crash has cut off behind the last whole one is taken away; kDataLoss where
  // that would be among the first `at_least`, which are known to be durable.
  Result<uint64_t> Recover(uint64_t at_least);

  // Written, not yet durable.
  Status Append(uint64_t index, const std::string& plain);
  Status Sync();

 private:
  std::string PathOf(uint64_t index) const;
  std::string ContextOf(uint64_t index) const;
  Status Reopen(uint64_t index);

  const std::string folder_, key_, context_;
  int file_ = -1;
  uint64_t open_ = 0;  // number of the open file
};

}  // namespace kpr::audit
