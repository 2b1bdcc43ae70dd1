// Reads one partition of a topic in order. Private to registry/event_log/kafka.
#pragma once

#include <chrono>
#include <deque>

#include "base/mutex.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/kafka/kafka.h"

namespace kpr::kafka {

// Thread-safe: one call at a time, others wait.
class PartitionReader {
 public:
  // `consumer` outlives the reader.
  PartitionReader(rd_kafka_t* consumer, const std::string& topic, int32_t partition);
  ~PartitionReader() { Stop(); }

  // As EventLog::Read. kDataLoss: the offset is no longer there.
  Result<std::vector<LogChunk>> Read(uint64_t offset, size_t max_bytes);
  // Waits until there is a record at the offset or beyond, or the time is out.
  bool WaitFor(uint64_t offset, std::chrono::milliseconds timeout);
  // Asks the cluster; the highest known where it does not answer.
  uint64_t End();
  uint64_t KnownEnd();
  Status AskEnd();
  void Stop();

 private:
  Status Begin(uint64_t offset) KPR_REQUIRES(mutex_);
  // Takes what is there into buffered_; waits for the first if nothing is.
  Status Take(std::chrono::milliseconds timeout) KPR_REQUIRES(mutex_);
  void Add(uint64_t offset, std::string_view record) KPR_REQUIRES(mutex_);

  rd_kafka_t* consumer_;
  Topic topic_;
  const std::string name_;
  const int32_t partition_;

  Mutex mutex_;
  bool started_ KPR_GUARDED_BY(mutex_) = false;
  uint64_t next_ KPR_GUARDED_BY(mutex_) = 0;              // offset that comes next from the cluster
  std::deque<LogChunk> buffered_ KPR_GUARDED_BY(mutex_);  // before it, neighbours
  size_t buffered_bytes_ KPR_GUARDED_BY(mutex_) = 0;

  Mutex end_mutex_;
  uint64_t known_end_ KPR_GUARDED_BY(end_mutex_) = 0;
};

}  // namespace kpr::kafka
