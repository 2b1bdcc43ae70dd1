#include "registry/event_log/kafka/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/bytes.h"

namespace kpr::kafka {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kMore{20};        // for the next messages of a read that has some
constexpr milliseconds kSlice{200};      // between checks whether there is anything to wait for
constexpr milliseconds kGiveUp{15'000};  // for messages that must be there
constexpr size_t kAtOnce = 1000;
constexpr size_t kChunkBytes = 1u << 20;

}  // namespace

PartitionReader::PartitionReader(rd_kafka_t* consumer, const std::string& topic, int32_t partition)
    : consumer_(consumer),
      topic_(rd_kafka_topic_new(consumer, topic.c_str(), nullptr)),
      name_(fmt::format("{} partition {}", topic, partition)),
      partition_(partition) {}

void PartitionReader::Stop() {
  const MutexLock lock(mutex_);
  if (started_) rd_kafka_consume_stop(topic_.get(), partition_);
  started_ = false;
  buffered_.clear();
  buffered_bytes_ = 0;
}

Status PartitionReader::Begin(uint64_t offset) {
  const uint64_t first = buffered_.empty() ? next_ : buffered_.front().first_offset;
  if (started_ && offset >= first && offset <= next_) {
    while (!buffered_.empty() && buffered_.front().end() <= offset) {
      buffered_bytes_ -= buffered_.front().bytes.size();
      buffered_.pop_front();
    }
    return {};
  }
  if (started_) rd_kafka_consume_stop(topic_.get(), partition_);
  started_ = false;
  buffered_.clear();
  buffered_bytes_ = 0;
  if (rd_kafka_consume_start(topic_.get(), partition_, static_cast<int64_t>(offset)) != 0)
    return FromKafka(rd_kafka_last_error(), "read " + name_);
  started_ = true;
  next_ = offset;
  return {};
}

void PartitionReader::Add(uint64_t offset, std::string_view record) {
  if (buffered_.empty() || buffered_.back().end() != offset || buffered_.back().bytes.size() > kChunkBytes)
    buffered_.push_back({offset, 0, {}});
  LogChunk& chunk = buffered_.back();
  const size_t before = chunk.bytes.size();
  PutVarint(&chunk.bytes, record.size());
  chunk.bytes.append(record);
  ++chunk.records;
  buffered_bytes_ += chunk.bytes.size() - before;
}

Status PartitionReader::Take(milliseconds timeout) {
  const std::vector<Message> messages = TakeMessages(topic_.get(), partition_, kAtOnce, timeout);
  Status status;
  for (const Message& message : messages) {
    if (!status.ok() || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
    if (message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE ||
        message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      status =
          DataLoss(fmt::format("{} has no offset {}: the topic was truncated or recreated", name_, next_));
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      status = FromKafka(message->err, "read " + name_);
    } else {
      Add(static_cast<uint64_t>(message->offset), {static_cast<char*>(message->payload), message->len});
      next_ = static_cast<uint64_t>(message->offset) + 1;
    }
  }
  if (!status.ok()) {  // the next read begins again
    rd_kafka_consume_stop(topic_.get(), partition_);
    started_ = false;
    return status;
  }
  if (!messages.empty()) {
    const MutexLock lock(end_mutex_);
    known_end_ = std::max(known_end_, next_);
  }
  return {};
}

Result<std::vector<LogChunk>> PartitionReader::Read(uint64_t offset, size_t max_bytes) {
  const MutexLock lock(mutex_);
  KPR_RETURN_IF_ERROR(Begin(offset));
  const auto deadline = std::chrono::steady_clock::now() + kGiveUp;
  while (buffered_.empty()) {
    KPR_RETURN_IF_ERROR(Take(kMore));
    if (!buffered_.empty()) break;
    if (End() <= offset) return std::vector<LogChunk>{};
    KPR_RETURN_IF_ERROR(Take(kSlice));
    if (buffered_.empty() && std::chrono::steady_clock::now() > deadline)
      return Unavailable(fmt::format("{}: the cluster does not give offset {}", name_, offset));
  }
  while (buffered_bytes_ < max_bytes) {
    const uint64_t before = next_;
    KPR_RETURN_IF_ERROR(Take(milliseconds(0)));
    if (next_ == before) break;
  }
  std::vector<LogChunk> chunks;
  for (size_t bytes = 0; !buffered_.empty() && bytes < std::max<size_t>(max_bytes, 1);) {
    bytes += buffered_.front().bytes.size();
    buffered_bytes_ -= buffered_.front().bytes.size();
    chunks.push_back(std::move(buffered_.front()));
    buffered_.pop_front();
  }
  return chunks;
}

bool PartitionReader::WaitFor(uint64_t offset, milliseconds timeout) {
  const MutexLock lock(mutex_);
  // An error is returned by the Read that follows.
  if (!Begin(offset).ok()) return true;
  if (buffered_.empty() && !Take(timeout).ok()) return true;
  return !buffered_.empty();
}

uint64_t PartitionReader::KnownEnd() {
  const MutexLock lock(end_mutex_);
  return known_end_;
}

uint64_t PartitionReader::End() {
  (void)AskEnd().ok();  // else the highest known
  return KnownEnd();
}

Status PartitionReader::AskEnd() {
  KPR_ASSIGN_OR_RETURN(const Offsets offsets,
                       AskOffsets(consumer_, rd_kafka_topic_name(topic_.get()), partition_));
  const MutexLock lock(end_mutex_);
  known_end_ = std::max(known_end_, static_cast<uint64_t>(offsets.high));
  return {};
}

}  // namespace kpr::kafka
