// The changelog on Kafka: one compacted topic with as many partitions as the events have. The writer is a
// transactional producer named after its partition, so the brokers themselves refuse one that was replaced,
// and readers see committed records only (ADR 8).
#pragma once

#include <memory>

#include "registry/event_log/changelog.h"
#include "registry/event_log/kafka/kafka_options.h"

namespace kpr {

std::unique_ptr<Changelog> MakeKafkaChangelog(const KafkaOptions& options);

}  // namespace kpr
