#include "registry/event_log/kafka/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "registry/event_log/kafka/kafka.h"

namespace kpr {
namespace {

using kafka::FromKafka;
constexpr int kTimeoutMs = 30'000;
constexpr std::chrono::milliseconds kPropagation{100};  // between two looks at what the brokers have heard of

struct Wanted {
  std::string name;
  uint32_t partitions;
  kafka::Settings config;  // as created
};

std::vector<Wanted> WantedTopics(const KafkaOptions& options) {
  const std::string min_insync = std::to_string(options.min_insync);
  const kafka::Settings kept = {{"cleanup.policy", "delete"},
                                {"retention.ms", "-1"},
                                {"retention.bytes", "-1"},
                                {"min.insync.replicas", min_insync},
                                {"unclean.leader.election.enable", "false"}};
  const kafka::Settings compacted = {{"cleanup.policy", "compact"},
                                     {"min.compaction.lag.ms", std::to_string(kCellsCompactionLagMs)},
                                     {"delete.retention.ms", std::to_string(kCellsDeleteRetentionMs)},
                                     // What is not closed is not compacted, and all of it is read on a move.
                                     {"segment.ms", "3600000"},
                                     {"segment.bytes", "67108864"},
                                     {"min.insync.replicas", min_insync},
                                     {"unclean.leader.election.enable", "false"}};
  return {{options.events(), options.partitions, kept},
          {options.senders(), 1, kept},
          {options.cells(), options.partitions, compacted}};
}

struct Found {
  uint32_t partitions = 0;
  uint32_t replicas = UINT32_MAX;  // the fewest of any partition
};

class Admin {
 public:
  static Result<Admin> Connect(const KafkaOptions& options) {
    Admin admin;
    KPR_ASSIGN_OR_RETURN(admin.client_, kafka::NewClient(RD_KAFKA_PRODUCER, options, {}));
    admin.queue_.reset(rd_kafka_queue_new(admin.client_.get()));
    return admin;
  }

  Result<std::map<std::string, Found>> Topics() const {
    const struct rd_kafka_metadata* metadata = nullptr;
    KPR_RETURN_IF_ERROR(FromKafka(rd_kafka_metadata(client_.get(), 1, nullptr, &metadata, kTimeoutMs),
                                  "no Kafka broker answers at kafka.bootstrap"));
    std::map<std::string, Found> found;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const rd_kafka_metadata_topic& topic = metadata->topics[i];
      Found& each = found[topic.topic];
      each.partitions = static_cast<uint32_t>(topic.partition_cnt);
      for (int k = 0; k < topic.partition_cnt; ++k)
        each.replicas = std::min(each.replicas, static_cast<uint32_t>(topic.partitions[k].replica_cnt));
    }
    rd_kafka_metadata_destroy(metadata);
    return found;
  }

  Status Create(const Wanted& wanted, uint32_t replication) const {
    char reason[256];
    rd_kafka_NewTopic_t* topic =
        rd_kafka_NewTopic_new(wanted.name.c_str(), static_cast<int>(wanted.partitions),
                              static_cast<int>(replication), reason, sizeof reason);
    if (topic == nullptr) return Invalid(fmt::format("topic {}: {}", wanted.name, reason));
    for (const auto& [name, value] : wanted.config)
      rd_kafka_NewTopic_set_config(topic, name.c_str(), value.c_str());
    rd_kafka_AdminOptions_t* options =
        rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_operation_timeout(options, kTimeoutMs, reason, sizeof reason);
    rd_kafka_CreateTopics(client_.get(), &topic, 1, options, queue_.get());
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy(topic);
    const kafka::Event event(rd_kafka_queue_poll(queue_.get(), 2 * kTimeoutMs));
    const std::string doing = "create topic " + wanted.name;
    if (event == nullptr) return Unavailable(doing + ": no answer");
    KPR_RETURN_IF_ERROR(FromKafka(rd_kafka_event_error(event.get()), doing));
    size_t count = 0;
    const auto* results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      const auto error = rd_kafka_topic_result_error(results[i]);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
      const char* why = rd_kafka_topic_result_error_string(results[i]);
      return FailedPrecondition(fmt::format("{}: {}; is kafka.replication ({}) more than there are brokers?",
                                            doing, why == nullptr ? rd_kafka_err2str(error) : why,
                                            replication));
    }
    return {};
  }

  /// A broker that has not heard yet of a topic that another one has just made does not know it: asked again.
  Result<kafka::Settings> ConfigOf(const std::string& topic) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kTimeoutMs);
    for (;;) {
      bool unknown = false;
      Result<kafka::Settings> settings = AskConfigOf(topic, unknown);
      if (!unknown || std::chrono::steady_clock::now() >= deadline) return settings;
      std::this_thread::sleep_for(kPropagation);
    }
  }

 private:
  Result<kafka::Settings> AskConfigOf(const std::string& topic, bool& unknown) const {
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    rd_kafka_DescribeConfigs(client_.get(), &resource, 1, nullptr, queue_.get());
    rd_kafka_ConfigResource_destroy(resource);
    const kafka::Event event(rd_kafka_queue_poll(queue_.get(), 2 * kTimeoutMs));
    const std::string doing = "read the configuration of topic " + topic;
    if (event == nullptr) return Unavailable(doing + ": no answer");
    KPR_RETURN_IF_ERROR(FromKafka(rd_kafka_event_error(event.get()), doing));
    size_t count = 0;
    const auto* resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    kafka::Settings settings;
    for (size_t i = 0; i < count; ++i) {
      const auto error = rd_kafka_ConfigResource_error(resources[i]);
      unknown = error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      KPR_RETURN_IF_ERROR(FromKafka(error, doing));
      size_t entries = 0;
      const auto* configs = rd_kafka_ConfigResource_configs(resources[i], &entries);
      for (size_t k = 0; k < entries; ++k) {
        const char* value = rd_kafka_ConfigEntry_value(configs[k]);
        settings[rd_kafka_ConfigEntry_name(configs[k])] = value == nullptr ? "" : value;
      }
    }
    return settings;
  }

  kafka::Client client_;
  kafka::Queue queue_;
};

int64_t Number(const kafka::Settings& settings, const std::string& name) {
  const auto it = settings.find(name);
  return it == settings.end() || it->second.empty() ? -1 : std::strtoll(it->second.c_str(), nullptr, 10);
}

Status CheckConfigOf(const Wanted& wanted, const kafka::Settings& found) {
  const auto refuse = [&](const std::string& name, const std::string& why) {
    const auto it = found.find(name);
    return FailedPrecondition(
        fmt::format("topic {} has {} = {}: {}; set it with kafka-configs or name another cluster",
                    wanted.name, name, it == found.end() ? "nothing" : it->second, why));
  };
  const std::string& policy = wanted.config.at("cleanup.policy");
  if (const auto it = found.find("cleanup.policy"); it == found.end() || it->second != policy)
    return refuse("cleanup.policy", "it must be " + policy);
  if (policy == "delete") {
    for (const char* name : {"retention.ms", "retention.bytes"}) {
      if (Number(found, name) != -1)
        return refuse(name, "the log is the truth and must be kept for ever (-1)");
    }
  } else if (Number(found, "min.compaction.lag.ms") < kCellsCompactionLagMs) {
    return refuse("min.compaction.lag.ms", fmt::format("it must be {} or more, or query nodes that fall "
                                                       "behind may miss cells",
                                                       kCellsCompactionLagMs));
  }
  if (policy == "compact" && Number(found, "delete.retention.ms") < kCellsDeleteRetentionMs)
    return refuse("delete.retention.ms",
                  fmt::format("it must be {} or more, or query nodes may not hear that cells went",
                              kCellsDeleteRetentionMs));
  const std::string& least = wanted.config.at("min.insync.replicas");
  if (Number(found, "min.insync.replicas") < std::stoll(least))
    return refuse("min.insync.replicas", "the configuration asks for " + least + " or more");
  if (const auto it = found.find("unclean.leader.election.enable");
      it == found.end() || it->second != "false")
    return refuse("unclean.leader.election.enable", "it would lose acknowledged events");
  return {};
}

}  // namespace

Status CheckTopics(const KafkaOptions& options) {
  KPR_ASSIGN_OR_RETURN(const Admin admin, Admin::Connect(options));
  KPR_ASSIGN_OR_RETURN(auto topics, admin.Topics());
  for (const Wanted& wanted : WantedTopics(options)) {
    if (!topics.contains(wanted.name)) {
      KPR_RETURN_IF_ERROR(admin.Create(wanted, options.replication));
      for (int i = 0; i < 100 && topics[wanted.name].partitions == 0; ++i) {
        std::this_thread::sleep_for(kPropagation);
        KPR_ASSIGN_OR_RETURN(topics, admin.Topics());
      }
    }
    const Found& found = topics[wanted.name];
    if (found.partitions != wanted.partitions) {
      return FailedPrecondition(
          fmt::format("topic {} has {} partitions, the configuration asks for {}: subjects would be looked "
                      "for in the wrong "
                      "ones. The number is fixed for a log's life",
                      wanted.name, found.partitions, wanted.partitions));
    }
    if (found.replicas < options.replication) {
      return FailedPrecondition(
          fmt::format("topic {} has partitions with {} replicas, the configuration asks for {}", wanted.name,
                      found.replicas, options.replication));
    }
    KPR_ASSIGN_OR_RETURN(const kafka::Settings config, admin.ConfigOf(wanted.name));
    KPR_RETURN_IF_ERROR(CheckConfigOf(wanted, config));
  }
  return {};
}

}  // namespace kpr
