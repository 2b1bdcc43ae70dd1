// The port to the log, which is the truth: append batches and learn when they are durable, read a stream from
// an offset. Streams 0..partitions()-1 hold events by subject, stream senders_stream() the senders' chains.
// Two implementations pass the same contract tests (event_log_contract_test.cc): local and kafka.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kpr {

// Records for one or more streams.
class LogBatch {
 public:
  // `key` says who the record is about, for the log's own tools; nothing reads it back.
  void Add(uint32_t stream, std::string_view record, std::string_view key = {});
  bool empty() const { return streams_.empty(); }
  size_t bytes() const;

  struct Stream {
    uint32_t stream = 0;
    uint32_t records = 0;
    std::string bytes;  // varint length, record, ...
    std::string keys;   // the same of the keys
  };
  const std::vector<Stream>& streams() const { return streams_; }

 private:
  std::vector<Stream> streams_;
};

// Neighbouring records of one stream, as they were appended together.
struct LogChunk {
  uint64_t first_offset = 0;
  uint32_t records = 0;
  std::string bytes;

  uint64_t end() const { return first_offset + records; }
  // Calls f(offset, record) for each. False where the bytes are damaged.
  bool ForEach(const std::function<void(uint64_t, std::string_view)>& f) const;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  virtual uint32_t partitions() const = 0;
  uint32_t senders_stream() const { return partitions(); }

  // Takes the batch and returns; `done` is called once, mostly from the log's own thread, with OK after all
  // of the batch is durable. kResourceExhausted: nothing was kept, try later. kUnavailable: the log has
  // failed or is closing; some of the batch may be durable all the same, which is harmless as facts are known
  // by their ids. What is in the senders' stream is never durable before the rest of its batch. `done`
  // must not block. Thread-safe. The caller bounds what it has under way.
  virtual void Append(LogBatch batch, std::function<void(Status)> done) = 0;

  // Chunks from the one that holds `offset` on, about max_bytes in all; none at the end of the stream.
  virtual Result<std::vector<LogChunk>> Read(uint32_t stream, uint64_t offset, size_t max_bytes) = 0;

  // The offset the next durable record of the stream will have.
  virtual uint64_t End(uint32_t stream) const = 0;

  // The same as last seen, without asking anybody.
  virtual uint64_t KnownEnd(uint32_t stream) const { return End(stream); }

  // Waits until there is a record at the offset or beyond, an error that Read will tell, or the time is out;
  // gives more than the offset in the first two cases.
  virtual uint64_t WaitBeyond(uint32_t stream, uint64_t offset, std::chrono::milliseconds timeout) = 0;

  // Whether appends are accepted now; the reason if not.
  virtual Status Accepting() const = 0;

  // An error after which nothing is accepted until the process starts again.
  virtual Status Failure() const { return {}; }

  // Lets go of what reading the stream holds; a later Read takes it up again.
  virtual void StopReading(uint32_t /*stream*/) {}

  // Before the end: what is under way and not yet durable is answered with kUnavailable, what comes as well.
  virtual void StopAppending() {}
};

}  // namespace kpr
