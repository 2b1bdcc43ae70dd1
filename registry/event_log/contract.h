// What any event log must do, as tests: each implementation's own test instantiates them with its way to
// open.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "registry/event_log/event_log.h"

namespace kpr::test {

// A log's place, empty at first; the log is opened there again and again.
class LogPlace {
 public:
  virtual ~LogPlace() = default;
  virtual Result<std::unique_ptr<EventLog>> Open(uint32_t partitions) = 0;
};

struct LogKind {
  std::string name;
  std::function<std::unique_ptr<LogPlace>()> make;
};
inline void PrintTo(const LogKind& kind, std::ostream* out) {
  *out << kind.name;
}

class LogContract : public testing::TestWithParam<LogKind> {
 protected:
  void SetUp() override { place_ = GetParam().make(); }
  Result<std::unique_ptr<EventLog>> Open(uint32_t partitions = 3) { return place_->Open(partitions); }

  std::unique_ptr<LogPlace> place_;
};

Status AppendNow(EventLog* log, LogBatch batch);
// Every record of the stream, offsets checked.
std::vector<std::string> ReadAll(EventLog* log, uint32_t stream);

}  // namespace kpr::test
