#include "ingest/rpc/batch_codec.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

namespace kpr {
namespace {

using google::protobuf::internal::WireFormatLite;

uint32_t TagOf(int field, WireFormatLite::WireType type) {
  return WireFormatLite::MakeTag(field, type);
}

}  // namespace

std::optional<BatchHead> ReadBatchHead(grpc::ByteBuffer* bytes) {
  const uint32_t batch = TagOf(v1::EventBatch::kBatchFieldNumber, WireFormatLite::WIRETYPE_VARINT);
  const uint32_t event = TagOf(v1::EventBatch::kEventsFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  const uint32_t sender =
      TagOf(v1::EventBatch::kSenderFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  grpc::ProtoBufferReader reader(bytes);
  if (!reader.status().ok()) return std::nullopt;
  google::protobuf::io::CodedInputStream input(&reader);
  BatchHead head;
  while (const uint32_t tag = input.ReadTag()) {
    if (tag == batch) {
      if (!input.ReadVarint64(&head.batch)) return std::nullopt;
    } else if (tag == sender) {
      if (!WireFormatLite::ReadString(&input, &head.sender)) return std::nullopt;
    } else {
      if (tag == event) ++head.events;
      if (!WireFormatLite::SkipField(&input, tag)) return std::nullopt;
    }
  }
  if (!input.ConsumedEntireMessage()) return std::nullopt;
  return head;
}

bool ParseBatch(grpc::ByteBuffer* bytes, v1::EventBatch* batch) {
  grpc::ProtoBufferReader reader(bytes);
  return reader.status().ok() && batch->ParseFromZeroCopyStream(&reader);
}

grpc::ByteBuffer ToBytes(const v1::Receipt& receipt) {
  const std::string text = receipt.SerializeAsString();
  const grpc::Slice slice(text);
  return {&slice, 1};
}

}  // namespace kpr
