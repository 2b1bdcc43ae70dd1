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
  KPR_ASSIGN_OR_RETURN(std::string bytes, EncodeEvent(record.event(), SenderNumber(OwnerOf(record)), offset));
  for (const SubjectId& subject : timelines) {
    if (PartitionOf(subject, partitions) == partition) slice->facts.emplace_back(subject, bytes);
  }
  return {};
}

Status ReadForwarded(const v1::Forwarded& forwarded, uint64_t offset, LogSlice* slice) {
  if (!forwarded.earlier_fact().empty()) return {};
  std::vector<Fact> facts;
  if (forwarded.subject().size() != 16 || !DecodeFacts(forwarded.fact(), &facts) || facts.size() != 1)
    return Invalid("a forwarded fact that does not decode");
  std::string fact = forwarded.fact();
  SetOffset(offset, &fact);
  slice->facts.emplace_back(SubjectId::FromView(forwarded.subject()), std::move(fact));
  return {};
}

Status ReadRecord(const v1::LogRecord& record, uint64_t offset, uint32_t partition, uint32_t partitions,
                  LogSlice* slice) {
  switch (record.record_case()) {
    case v1::LogRecord::kEvent:
      return ReadEvent(record, offset, partition, partitions, slice);
    case v1::LogRecord::kForwarded:
      return ReadForwarded(record.forwarded(), offset, slice);
    case v1::LogRecord::kTick:
      slice->ticks.push_back({record.tick().horizon_days(), offset, record.tick().set_back()});
      return {};
    case v1::LogRecord::RECORD_NOT_SET:
      break;
  }
  return Invalid("a kind of record that this version does not know");
}

}  // namespace

const std::string& OwnerOf(const v1::LogRecord& record) {
  return record.continues().empty() ? record.sender() : record.continues();
}

Status CheckReadable(const v1::Event& event) {
  KPR_RETURN_IF_ERROR(TimelinesOf(event).status());
  return EncodeEvent(event, 0, 0).status();
}

Result<LogSlice> ReadSlice(const std::vector<LogChunk>& chunks, uint64_t from_offset, uint32_t partition,
                           uint32_t partitions, uint64_t end_offset) {
  LogSlice slice;
  v1::LogRecord record;
  for (const LogChunk& chunk : chunks) {
    const bool whole = chunk.ForEach([&](uint64_t offset, std::string_view bytes) {
      if (offset < from_offset || offset >= end_offset) return;
      ++slice.records;
      const Status status = record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
                                ? ReadRecord(record, offset, partition, partitions, &slice)
                                : Invalid("bytes that are no record");
      if (!status.ok()) slice.unreadable.emplace_back(offset, status.message());
    });
    if (!whole)
      return DataLoss(fmt::format("partition {}: log chunk at offset {}", partition, chunk.first_offset));
  }
  return slice;
}

}  // namespace kpr
