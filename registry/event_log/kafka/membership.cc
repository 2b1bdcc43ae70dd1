#include "registry/event_log/kafka/membership.h"

#include <atomic>
#include <thread>

#include "registry/event_log/kafka/kafka.h"

namespace kpr {
namespace {

constexpr int kPollMs = 100;

class GroupMembership : public Membership {
 public:
  explicit GroupMembership(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

  ~GroupMembership() override {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    if (client_) rd_kafka_consumer_close(client_.get());  // revokes
  }

  Status Join(const KafkaOptions& options) {
    KPR_ASSIGN_OR_RETURN(client_, kafka::NewClient(RD_KAFKA_CONSUMER, options,
                                                   {{"group.id", options.prefix + ".registry"},
                                                    {"partition.assignment.strategy", "cooperative-sticky"},
                                                    {"session.timeout.ms", "6000"},
                                                    {"heartbeat.interval.ms", "1000"},
                                                    {"enable.auto.commit", "false"},
                                                    {"enable.auto.offset.store", "false"},
                                                    {"auto.offset.reset", "error"}},
                                                   this, [](rd_kafka_conf_t* conf) {
                                                     rd_kafka_conf_set_rebalance_cb(conf, Rebalance);
                                                   }));
    rd_kafka_poll_set_consumer(client_.get());
    const kafka::PartitionList topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), options.events().c_str(), RD_KAFKA_PARTITION_UA);
    KPR_RETURN_IF_ERROR(kafka::FromKafka(rd_kafka_subscribe(client_.get(), topics.get()),
                                         "join the group of registry workers"));
    thread_ = std::thread([this] {
      // Whatever comes is no record: the partitions are paused.
      while (!stopping_) kafka::Message(rd_kafka_consumer_poll(client_.get(), kPollMs)).reset();
    });
    return {};
  }

 private:
  static void Rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                        void* opaque) {
    auto* membership = static_cast<GroupMembership*>(opaque);
    std::vector<uint32_t> partitions;
    for (int i = 0; i < list->cnt; ++i) {
      partitions.push_back(static_cast<uint32_t>(list->elems[i].partition));
      list->elems[i].offset = RD_KAFKA_OFFSET_END;
    }
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      kafka::Error(rd_kafka_incremental_assign(client, list)).reset();
      rd_kafka_pause_partitions(client, list);
      membership->callbacks_.assigned(partitions);
    } else {
      membership->callbacks_.revoked(partitions);
      kafka::Error(rd_kafka_incremental_unassign(client, list)).reset();
    }
  }

  const Callbacks callbacks_;
  kafka::Client client_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Membership>> Membership::Join(const KafkaOptions& options, Callbacks callbacks) {
  auto membership = std::make_unique<GroupMembership>(std::move(callbacks));
  if (Status status = membership->Join(options); !status.ok()) return status;
  return std::unique_ptr<Membership>(std::move(membership));
}

}  // namespace kpr
