// The log on Kafka. A record is one message; its offset is Kafka's. Stream i < partitions() is partition i of
// the events' topic, the senders' stream the one partition of the senders' topic. Idempotent producer,
// acks=all, no time-out of messages: an append waits for the cluster however long, unless StopAppending is
// called. A producer that fails for good is recreated and what was not acknowledged is sent again.
#pragma once

#include <functional>
#include <memory>

#include "registry/event_log/event_log.h"
#include "registry/event_log/kafka/kafka_options.h"

namespace kpr {

// Topics are taken as they are: see CheckTopics. kFailedPrecondition where the log was begun with another
// number of partitions, kUnavailable where no broker answers.
Result<std::unique_ptr<EventLog>> OpenKafkaLog(const KafkaOptions& options);

}  // namespace kpr
