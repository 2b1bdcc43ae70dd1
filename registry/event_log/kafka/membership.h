// A place in the consumer group whose members share the partitions of the events. Kafka alone decides who has
// which; nothing is read or committed through the group.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/status.h"
#include "registry/event_log/kafka/kafka_options.h"

namespace kpr {

class Membership {
 public:
  // Both are called on the membership's thread. What `revoked` names is given to others once it returns,
  // unless the group has given up on this member before.
  struct Callbacks {
    std::function<void(const std::vector<uint32_t>&)> assigned, revoked;
  };
  static Result<std::unique_ptr<Membership>> Join(const KafkaOptions& options, Callbacks callbacks);
  virtual ~Membership() = default;  // leaves; what is still assigned is revoked before
};

}  // namespace kpr
