// Appends batches to topics and tells when all of a batch is durable. One thread does all of it. Private to
// registry/event_log/kafka.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/kafka/kafka.h"

namespace kpr::kafka {

// Carried by every message of the senders' topic: what the log was begun with.
inline constexpr char kPartitionsHeader[] = "kpr-partitions", kKeyHeader[] = "kpr-key";

class Producer {
 public:
  static Result<std::unique_ptr<Producer>> Open(const KafkaOptions& options);
  ~Producer();

  // As EventLog::Append.
  void Append(LogBatch batch, std::function<void(Status)> done);
  // Answers all that waits with kUnavailable, and all that comes.
  void Stop();
  // kUnavailable where a batch has waited for seconds.
  Status Accepting() const;
  // How often the producer was recreated.
  uint32_t restarts() const { return restarts_; }
  // Lets the producer fail for good, as librdkafka 2.0.2 does after some disconnects. For tests.
  void FailForTest() { fail_for_test_ = true; }

 private:
  struct Waiting {
    LogBatch batch;
    std::function<void(Status)> done;
    std::chrono::steady_clock::time_point since;
    bool senders = false;    // all else is durable, the senders' stream is on its way
    uint32_t under_way = 0;  // messages that librdkafka has and has not answered
    Status failure;
    size_t stream = 0;               // being handed over
    std::string_view records, keys;  // of it, still to be handed over
  };

  explicit Producer(const KafkaOptions& options) : options_(options) {}
  static void Delivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  Status Connect();
  void Disconnect();
  void Run();
  bool TakeIncoming();
  void BeginPhase(Waiting* waiting, bool senders);
  // False: librdkafka's queue is full; go on later where it stopped.
  bool HandOver(Waiting* waiting);
  bool HandOverMessage(Waiting* waiting, uint32_t stream, std::string_view record, std::string_view key);
  rd_kafka_resp_err_t ProduceWithHeaders(Waiting* waiting, std::string_view record, std::string_view key);
  void Settle();
  void Restart();
  void GiveUp();

  const KafkaOptions options_;
  std::thread thread_;

  // The thread's own.
  Client client_;
  Topic events_, senders_;
  std::list<Waiting> active_;  // in the order they came
  std::deque<Waiting*> to_hand_over_;
  bool failed_ = false;         // for good: recreate the producer
  bool disconnecting_ = false;  // answers are about messages that no longer matter

  std::atomic<uint32_t> restarts_ = 0;
  std::atomic<bool> fail_for_test_ = false;
  std::atomic<std::chrono::steady_clock::duration> oldest_{};  // since when the oldest waits; zero: none does
  mutable Mutex mutex_;
  ConditionVariable work_;
  std::deque<Waiting> incoming_ KPR_GUARDED_BY(mutex_);
  bool stopped_ KPR_GUARDED_BY(mutex_) = false;
  bool closing_ KPR_GUARDED_BY(mutex_) = false;
};

}  // namespace kpr::kafka
