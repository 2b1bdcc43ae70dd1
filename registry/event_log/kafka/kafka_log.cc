#include "registry/event_log/kafka/kafka_log.h"

#include <fmt/format.h>

#include <future>
#include <optional>

#include "registry/event_log/kafka/producer.h"
#include "registry/event_log/kafka/reader.h"

namespace kpr {
namespace {

constexpr int kFirstMs = 15'000;

class KafkaLog : public EventLog {
 public:
  ~KafkaLog() override { readers_.clear(); }

  Status Open(const KafkaOptions& options) {
    partitions_ = options.partitions;
    KPR_ASSIGN_OR_RETURN(consumer_, kafka::NewClient(RD_KAFKA_CONSUMER, options,
                                                     {{"auto.offset.reset", "error"},
                                                      {"enable.auto.commit", "false"},
                                                      {"enable.partition.eof", "false"},
                                                      {"check.crcs", "true"},
                                                      {"fetch.wait.max.ms", "50"},
                                                      {"fetch.error.backoff.ms", "100"},
                                                      {"queued.max.messages.kbytes", "32768"}}));
    KPR_RETURN_IF_ERROR(CheckBegun(options));
    for (uint32_t i = 0; i <= partitions_; ++i) {
      const bool senders = i == partitions_;
      readers_.push_back(std::make_unique<kafka::PartitionReader>(
          consumer_.get(), senders ? options.senders() : options.events(),
          senders ? 0 : static_cast<int32_t>(i)));
    }
    // So that an end that cannot be asked for later is never taken for nothing at all.
    for (const auto& reader : readers_) KPR_RETURN_IF_ERROR(reader->AskEnd());
    KPR_ASSIGN_OR_RETURN(producer_, kafka::Producer::Open(options));
    return options.begin ? BeginLog(options) : Status();
  }

  uint32_t partitions() const override { return partitions_; }

  void Append(LogBatch batch, std::function<void(Status)> done) override {
    producer_->Append(std::move(batch), std::move(done));
  }

  Result<std::vector<LogChunk>> Read(uint32_t stream, uint64_t offset, size_t max_bytes) override {
    return readers_[stream]->Read(offset, max_bytes);
  }

  uint64_t End(uint32_t stream) const override { return readers_[stream]->End(); }

  uint64_t KnownEnd(uint32_t stream) const override { return readers_[stream]->KnownEnd(); }

  uint64_t WaitBeyond(uint32_t stream, uint64_t offset, std::chrono::milliseconds timeout) override {
    return readers_[stream]->WaitFor(offset, timeout) ? offset + 1 : offset;
  }

  Status Accepting() const override { return producer_->Accepting(); }
  void StopReading(uint32_t stream) override { readers_[stream]->Stop(); }
  void StopAppending() override { producer_->Stop(); }

 private:
  // A log keeps the number of partitions it was begun with, whatever was done to the topic since.
  Status CheckBegun(const KafkaOptions& options) const {
    const std::string topic = options.senders();
    KPR_ASSIGN_OR_RETURN(const kafka::Offsets offsets, kafka::AskOffsets(consumer_.get(), topic, 0));
    if (offsets.low == offsets.high) return {};
    const kafka::Topic handle(rd_kafka_topic_new(consumer_.get(), topic.c_str(), nullptr));
    if (rd_kafka_consume_start(handle.get(), 0, offsets.low) != 0)
      return kafka::FromKafka(rd_kafka_last_error(), "read topic " + topic);
    const kafka::Message first(rd_kafka_consume(handle.get(), 0, kFirstMs));
    rd_kafka_consume_stop(handle.get(), 0);
    if (first == nullptr || first->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return Unavailable("read topic " + topic + ": its first record does not come");
    const auto begun = HeaderOf(first.get(), kafka::kPartitionsHeader);
    if (!begun)
      return FailedPrecondition("topic " + topic + " is not one of kpr's: give another kafka.prefix");
    if (*begun != std::to_string(options.partitions)) {
      return FailedPrecondition(
          fmt::format("the log was begun with {} partitions, the configuration says {}: the number is fixed "
                      "for a log's life",
                      *begun, options.partitions));
    }
    const std::string key = HeaderOf(first.get(), kafka::kKeyHeader).value_or("");
    if (!key.empty() && !options.key_id.empty() && key != options.key_id) {
      return FailedPrecondition(
          "ingest.pseudonym_key is not the key the log was begun with: persons would not be known again. All "
          "ingest nodes need copies of the same key");
    }
    return {};
  }

  // The first record of a new log says what it was begun with. Of several nodes that begin it at once the
  // first one's record counts, and the others are held to it.
  Status BeginLog(const KafkaOptions& options) {
    if (readers_.back()->KnownEnd() > 0) return {};
    LogBatch batch;
    batch.Add(senders_stream(), "");
    std::promise<Status> done;
    Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
    KPR_RETURN_IF_ERROR(done.get_future().get());
    return CheckBegun(options);
  }

  static std::optional<std::string> HeaderOf(const rd_kafka_message_t* message, const char* name) {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return std::nullopt;
    return std::string(static_cast<const char*>(value), size);
  }

  uint32_t partitions_ = 0;
  kafka::Client consumer_;
  std::vector<std::unique_ptr<kafka::PartitionReader>> readers_;  // by stream
  std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace

Result<std::unique_ptr<EventLog>> OpenKafkaLog(const KafkaOptions& options) {
  auto log = std::make_unique<KafkaLog>();
  if (Status status = log->Open(options); !status.ok()) return status;
  return std::unique_ptr<EventLog>(std::move(log));
}

}  // namespace kpr
