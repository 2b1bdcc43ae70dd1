// What all of this folder needs of librdkafka: owners of its C objects, its settings, its errors as Status.
// Private to registry/event_log/kafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "registry/event_log/kafka/kafka_options.h"

namespace kpr::kafka {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;
using PartitionList =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;

using Settings = std::map<std::string, std::string>;

// A client with the options' own settings below `settings`. kInvalid names the setting that is wrong.
// `opaque` is given to `set_up`'s callbacks.
Result<Client> NewClient(rd_kafka_type_t type, const KafkaOptions& options, const Settings& settings,
                         void* opaque = nullptr, void (*set_up)(rd_kafka_conf_t*) = nullptr);

// What a consumer that was started has of the partition, at most so many; waits for the first if there is
// none.
std::vector<Message> TakeMessages(rd_kafka_topic_t* topic, int32_t partition, size_t most,
                                  std::chrono::milliseconds timeout);

// The first offset of a partition and the one after its last. Asked again for ten seconds: a leader may have
// moved, and a broker may not have heard yet of a topic that another one has just made.
struct Offsets {
  int64_t low = 0, high = 0;
};
Result<Offsets> AskOffsets(rd_kafka_t* client, const std::string& topic, int32_t partition);

Status FromKafka(rd_kafka_resp_err_t error, const std::string& doing);
Status FromKafka(const rd_kafka_error_t* error, const std::string& doing);

}  // namespace kpr::kafka
