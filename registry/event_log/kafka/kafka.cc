#include "registry/event_log/kafka/kafka.h"

#include <fmt/format.h>

#include <thread>

namespace kpr::kafka {
namespace {

constexpr std::chrono::seconds kAskFor{10};
constexpr std::chrono::milliseconds kAskPause{100};
constexpr int kAskOnceMs = 2000;

// What must be seen is reported as errors and states; librdkafka's own lines go nowhere.
void DropLogLine(const rd_kafka_t*, int, const char*, const char*) {}

Status Set(rd_kafka_conf_t* conf, const Settings& settings) {
  char reason[512];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
      return Invalid(fmt::format("kafka client setting {} = '{}': {}", name, value, reason));
  }
  return {};
}

}  // namespace

Result<Client> NewClient(rd_kafka_type_t type, const KafkaOptions& options, const Settings& settings,
                         void* opaque, void (*set_up)(rd_kafka_conf_t*)) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto failed = [&](Status status) {
    rd_kafka_conf_destroy(conf);
    return status;
  };
  rd_kafka_conf_set_log_cb(conf, DropLogLine);
  rd_kafka_conf_set_opaque(conf, opaque);
  if (set_up != nullptr) set_up(conf);
  // The cluster may be away for long; coming back must not take long.
  const Settings common = {{"bootstrap.servers", options.bootstrap},
                           {"client.id", "kpr"},
                           {"reconnect.backoff.ms", "50"},
                           {"reconnect.backoff.max.ms", "1000"},
                           {"socket.keepalive.enable", "true"},
                           {"socket.nagle.disable", "true"},
                           {"topic.metadata.refresh.interval.ms", "30000"}};
  for (const Settings* each : {&common, &options.client, &settings}) {
    if (Status status = Set(conf, *each); !status.ok()) return failed(status);
  }
  char reason[512];
  rd_kafka_t* client = rd_kafka_new(type, conf, reason, sizeof reason);
  if (client == nullptr) return failed(Invalid(fmt::format("kafka client: {}", reason)));
  return Client(client);
}

Result<Offsets> AskOffsets(rd_kafka_t* client, const std::string& topic, int32_t partition) {
  const auto deadline = std::chrono::steady_clock::now() + kAskFor;
  for (;;) {
    Offsets offsets;
    const auto error = rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &offsets.low,
                                                        &offsets.high, kAskOnceMs);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets;
    if (std::chrono::steady_clock::now() >= deadline)
      return FromKafka(error, fmt::format("find the end of {}/{}", topic, partition));
    std::this_thread::sleep_for(kAskPause);
  }
}

std::vector<Message> TakeMessages(rd_kafka_topic_t* topic, int32_t partition, size_t most,
                                  std::chrono::milliseconds timeout) {
  std::vector<rd_kafka_message_t*> taken(most);
  ssize_t count = rd_kafka_consume_batch(topic, partition, 0, taken.data(), taken.size());
  // A first message alone with the patience, as a batch would use all of it up to be full.
  if (count <= 0) {
    taken[0] = rd_kafka_consume(topic, partition, static_cast<int>(timeout.count()));
    count = taken[0] == nullptr ? 0 : 1;
  }
  std::vector<Message> messages;
  for (ssize_t i = 0; i < count; ++i) messages.emplace_back(taken[static_cast<size_t>(i)]);
  return messages;
}

Status FromKafka(rd_kafka_resp_err_t error, const std::string& doing) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Unavailable(fmt::format("{}: {}", doing, rd_kafka_err2str(error)));
}

Status FromKafka(const rd_kafka_error_t* error, const std::string& doing) {
  if (error == nullptr) return {};
  return Unavailable(fmt::format("{}: {}", doing, rd_kafka_error_string(error)));
}

}  // namespace kpr::kafka
