// EventBatch and Receipt as bytes: what a batch says of itself is read before the batch is built, since two
// million empty events are a message of four megabytes and a hundred of memory. Pure.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <optional>
#include <string>

#include "kpr/v1/ingest.pb.h"

namespace kpr {

struct BatchHead {
  uint64_t batch = 0, events = 0;
  std::string sender;
};

// None: the bytes are not an EventBatch.
std::optional<BatchHead> ReadBatchHead(grpc::ByteBuffer* bytes);
bool ParseBatch(grpc::ByteBuffer* bytes, v1::EventBatch* batch);
grpc::ByteBuffer ToBytes(const v1::Receipt& receipt);

}  // namespace kpr
