#include "registry/log_record/log_slice.h"

#include <fmt/format.h>

#include "kpr/v1/log.pb.h"
#include "registry/facts/encode_event.h"
#include "registry/facts/fact.h"
#include "registry/facts/subject.h"
#include "registry/log_record/routing.h"

namespace kpr {
namespace {

Status ReadEvent(const v1::LogRecord& record, uint64_t offset, uint32_t partition, uint32_t partitions,
                 LogSlice* slice) {
  KPR_ASSIGN_OR_RETURN(const std::vector<SubjectId> timelines, TimelinesOf(record.event()));
  KPR_ASSIGN_OR_RETURN(std::string bytes, EncodeEvent(record.event(), SenderNumber(record.sender()), offset));
  for (const SubjectId& subject : timelines) {
    if (PartitionOf(subject, partitions) == partition) slice->facts.emplace_back(subject, bytes);
  }
  return {};
}

Status ReadForwarded(const v1::Forwarded& forwarded, uint64_t offset, LogSlice* slice) {
  std::vector<Fact> facts;
  if (forwarded.subject().size() != 16 || !DecodeFacts(forwarded.fact(), &facts) || facts.size() != 1) {
    return DataLoss(fmt::format("forwarded fact at offset {}", offset));
  }
  std::string fact = forwarded.fact();
  SetOffset(offset, &fact);
  slice->facts.emplace_back(SubjectId::FromView(forwarded.subject()), std::move(fact));
  return {};
}

}  // namespace

Result<LogSlice> ReadSlice(const std::vector<LogChunk>& chunks, uint64_t from_offset, uint32_t partition,
                           uint32_t partitions) {
  LogSlice slice;
  Status status;
  v1::LogRecord record;
  for (const LogChunk& chunk : chunks) {
    const bool whole = chunk.ForEach([&](uint64_t offset, std::string_view bytes) {
      if (offset < from_offset || !status.ok()) return;
      if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        status = DataLoss(fmt::format("log record at offset {} does not parse", offset));
        return;
      }
      ++slice.records;
      if (record.has_event()) {
        status = ReadEvent(record, offset, partition, partitions, &slice);
      } else if (record.has_forwarded()) {
        status = ReadForwarded(record.forwarded(), offset, &slice);
      } else if (record.has_tick()) {
        slice.ticks.emplace_back(record.tick().horizon_days(), offset);
      }
    });
    if (!whole && status.ok()) status = DataLoss(fmt::format("log chunk at offset {}", chunk.first_offset));
    if (!status.ok()) return status.WithContext(fmt::format("partition {}", partition));
  }
  return slice;
}

}  // namespace kpr
