#include "registry/event_log/event_log.h"

#include "base/bytes.h"

namespace kpr {

void LogBatch::Add(uint32_t stream, std::string_view record, std::string_view key) {
  Stream* target = nullptr;
  for (Stream& s : streams_) {
    if (s.stream == stream) target = &s;
  }
  if (target == nullptr) target = &streams_.emplace_back(Stream{stream, 0, {}, {}});
  PutVarint(&target->bytes, record.size());
  target->bytes.append(record);
  PutVarint(&target->keys, key.size());
  target->keys.append(key);
  ++target->records;
}

size_t LogBatch::bytes() const {
  size_t n = 0;
  for (const Stream& s : streams_) n += s.bytes.size();
  return n;
}

bool LogChunk::ForEach(const std::function<void(uint64_t, std::string_view)>& f) const {
  ByteReader reader(bytes);
  for (uint32_t i = 0; i < records; ++i) {
    const std::string_view record = reader.Bytes(reader.Varint());
    if (reader.failed()) return false;
    f(first_offset + i, record);
  }
  return reader.empty();
}

}  // namespace kpr
