// The cluster's topics as kpr needs them: made where they are missing, refused where they are otherwise.
#pragma once

#include "base/status.h"
#include "registry/event_log/kafka/kafka_options.h"

namespace kpr {

// kInvalid or kFailedPrecondition name the topic, what is wrong and the fix; kUnavailable: no broker
// answers.
Status CheckTopics(const KafkaOptions& options);

// The least age at which records of kpr.cells may be compacted: a reader that is no further behind misses
// nothing.
inline constexpr int64_t kCellsCompactionLagMs = 3'600'000;
// How long it stays known that a key went.
inline constexpr int64_t kCellsDeleteRetentionMs = 86'400'000;

}  // namespace kpr
