#include "registry/event_log/kafka/kafka_changelog.h"

#include <fmt/format.h>

#include <algorithm>

#include "registry/event_log/kafka/kafka.h"

namespace kpr {
namespace {

constexpr int kTransactionMs = 30'000;
constexpr size_t kAtOnce = 2000;
constexpr std::chrono::seconds kAskAgain{10};

// A replaced writer gets an error; everything else may pass.
Status FromTransaction(rd_kafka_t* client, const rd_kafka_error_t* error, const std::string& doing) {
  if (error == nullptr) return {};
  const auto code = rd_kafka_error_code(error);
  char reason[256] = "";
  const bool fatal = rd_kafka_fatal_error(client, reason, sizeof reason) != RD_KAFKA_RESP_ERR_NO_ERROR;
  if (code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
      code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH || fatal)
    return FailedPrecondition(fmt::format("{}: another worker has become the writer ({})", doing,
                                          fatal ? reason : rd_kafka_error_string(error)));
  return Unavailable(fmt::format("{}: {}", doing, rd_kafka_error_string(error)));
}

class KafkaWriter : public ChangelogProducer {
 public:
  KafkaWriter(KafkaOptions options, uint32_t partition)
      : options_(std::move(options)),
        partition_(static_cast<int32_t>(partition)),
        name_(fmt::format("{} partition {}", options_.cells(), partition)) {}

  Status Begin() override {
    topic_.reset();
    client_.reset();
    failure_ = {};
    KPR_ASSIGN_OR_RETURN(
        client_,
        kafka::NewClient(RD_KAFKA_PRODUCER, options_,
                         {{"transactional.id", fmt::format("{}-{}", options_.cells(), partition_)},
                          {"transaction.timeout.ms", std::to_string(kTransactionMs)},
                          {"compression.codec", "lz4"},
                          {"linger.ms", "2"},
                          {"queue.buffering.max.messages", "100000"}},
                         this, [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, Delivered); }));
    const kafka::Error error(rd_kafka_init_transactions(client_.get(), kTransactionMs));
    KPR_RETURN_IF_ERROR(FromTransaction(client_.get(), error.get(), "become the writer of " + name_));
    topic_.reset(rd_kafka_topic_new(client_.get(), options_.cells().c_str(), nullptr));
    return {};
  }

  Status Write(const std::vector<ChangelogRecord>& records) override {
    if (topic_ == nullptr) return FailedPrecondition("not the writer of " + name_);
    const Status status = WriteAll(records);
    if (status.ok()) return status;
    if (client_) kafka::Error(rd_kafka_abort_transaction(client_.get(), 1000)).reset();
    topic_.reset();
    client_.reset();
    return status;
  }

 private:
  static void Delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto* writer = static_cast<KafkaWriter*>(opaque);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && writer->failure_.ok())
      writer->failure_ = kafka::FromKafka(message->err, "write " + writer->name_);
  }

  Status WriteAll(const std::vector<ChangelogRecord>& records) {
    const std::string doing = "write " + name_;
    failure_ = {};
    {
      const kafka::Error error(rd_kafka_begin_transaction(client_.get()));
      KPR_RETURN_IF_ERROR(FromTransaction(client_.get(), error.get(), doing));
    }
    for (const ChangelogRecord& record : records) KPR_RETURN_IF_ERROR(Produce(record));
    const kafka::Error error(rd_kafka_commit_transaction(client_.get(), kTransactionMs));
    KPR_RETURN_IF_ERROR(FromTransaction(client_.get(), error.get(), doing));
    return failure_;
  }

  Status Produce(const ChangelogRecord& record) {
    const auto of = [](const std::string& bytes) { return const_cast<char*>(bytes.data()); };
    while (rd_kafka_produce(
               topic_.get(), partition_, RD_KAFKA_MSG_F_COPY, record.value ? of(*record.value) : nullptr,
               record.value ? record.value->size() : 0, of(record.key), record.key.size(), nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        char reason[256] = "";
        if (rd_kafka_fatal_error(client_.get(), reason, sizeof reason) != RD_KAFKA_RESP_ERR_NO_ERROR)
          return FailedPrecondition(
              fmt::format("write {}: another worker has become the writer ({})", name_, reason));
        return kafka::FromKafka(rd_kafka_last_error(), "write " + name_);
      }
      rd_kafka_poll(client_.get(), 100);
      KPR_RETURN_IF_ERROR(failure_);
    }
    return {};
  }

  const KafkaOptions options_;
  const int32_t partition_;
  const std::string name_;
  kafka::Client client_;
  kafka::Topic topic_;  // while it is the writer
  Status failure_;
};

class KafkaReader : public ChangelogReader {
 public:
  KafkaReader(const KafkaOptions& options, uint32_t partition)
      : options_(options),
        partition_(static_cast<int32_t>(partition)),
        name_(fmt::format("{} partition {}", options.cells(), partition)) {}
  ~KafkaReader() override {
    if (started_) rd_kafka_consume_stop(topic_.get(), partition_);
  }

  Status Open() {
    KPR_ASSIGN_OR_RETURN(consumer_, kafka::NewClient(RD_KAFKA_CONSUMER, options_,
                                                     {{"auto.offset.reset", "error"},
                                                      {"enable.auto.commit", "false"},
                                                      {"enable.partition.eof", "true"},
                                                      {"isolation.level", "read_committed"},
                                                      {"check.crcs", "true"},
                                                      {"fetch.wait.max.ms", "50"},
                                                      {"fetch.error.backoff.ms", "100"},
                                                      {"queued.max.messages.kbytes", "16384"}}));
    topic_.reset(rd_kafka_topic_new(consumer_.get(), options_.cells().c_str(), nullptr));
    return {};
  }

  Status Seek(uint64_t offset) override {
    if (started_) rd_kafka_consume_stop(topic_.get(), partition_);
    started_ = false;
    // Compaction may have taken the first records, and a recreated topic is shorter: begin where there is a
    // record.
    KPR_ASSIGN_OR_RETURN(const kafka::Offsets offsets,
                         kafka::AskOffsets(consumer_.get(), options_.cells(), partition_));
    if (static_cast<int64_t>(offset) > offsets.high)
      return DataLoss(
          fmt::format("{} ends at {}, {} was read: the topic was recreated", name_, offsets.high, offset));
    next_ = std::max(offset, static_cast<uint64_t>(offsets.low));
    if (rd_kafka_consume_start(topic_.get(), partition_, static_cast<int64_t>(next_)) != 0)
      return kafka::FromKafka(rd_kafka_last_error(), "read " + name_);
    started_ = true;
    return {};
  }

  Result<Poll> Read(std::chrono::milliseconds timeout) override {
    if (!started_) KPR_RETURN_IF_ERROR(Seek(next_));
    Poll poll;
    const std::vector<kafka::Message> messages =
        kafka::TakeMessages(topic_.get(), partition_, kAtOnce, timeout);
    Status status;
    for (const kafka::Message& message : messages) {
      if (!status.ok()) continue;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        poll.caught_up = true;
        next_ = std::max(next_, static_cast<uint64_t>(message->offset));
      } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        status = kafka::FromKafka(message->err, "read " + name_);
      } else {
        poll.caught_up = false;
        ChangelogRecord& record = poll.records.emplace_back();
        record.key.assign(static_cast<char*>(message->key), message->key_len);
        if (message->payload != nullptr)
          record.value.emplace(static_cast<char*>(message->payload), message->len);
        record.offset = static_cast<uint64_t>(message->offset);
        next_ = record.offset + 1;
      }
    }
    if (poll.caught_up) caught_up_ = true;
    if (!poll.records.empty() && !poll.caught_up) caught_up_ = false;
    if (messages.empty() && caught_up_) poll.caught_up = IsStillEnd();
    poll.next_offset = next_;
    if (status.ok()) return poll;
    rd_kafka_consume_stop(topic_.get(), partition_);
    started_ = false;
    return status;
  }

 private:
  const KafkaOptions options_;
  const int32_t partition_;
  const std::string name_;
  // The end is reported once only; as long as the cluster says that nothing comes after it, it is the end.
  bool IsStillEnd() {
    const auto now = std::chrono::steady_clock::now();
    if (now - asked_ < kAskAgain) return false;
    asked_ = now;
    int64_t low = 0, high = 0;
    return rd_kafka_query_watermark_offsets(consumer_.get(), options_.cells().c_str(), partition_, &low,
                                            &high, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR &&
           high <= static_cast<int64_t>(next_);
  }

  bool caught_up_ = false;
  std::chrono::steady_clock::time_point asked_{};
  kafka::Client consumer_;
  kafka::Topic topic_;
  bool started_ = false;
  uint64_t next_ = 0;
};

class KafkaChangelog : public Changelog {
 public:
  explicit KafkaChangelog(KafkaOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<ChangelogProducer>> Producer(uint32_t partition) override {
    return std::unique_ptr<ChangelogProducer>(std::make_unique<KafkaWriter>(options_, partition));
  }
  Result<std::unique_ptr<ChangelogReader>> Reader(uint32_t partition) override {
    auto reader = std::make_unique<KafkaReader>(options_, partition);
    KPR_RETURN_IF_ERROR(reader->Open());
    return std::unique_ptr<ChangelogReader>(std::move(reader));
  }

 private:
  const KafkaOptions options_;
};

}  // namespace

std::unique_ptr<Changelog> MakeKafkaChangelog(const KafkaOptions& options) {
  return std::make_unique<KafkaChangelog>(options);
}

}  // namespace kpr
