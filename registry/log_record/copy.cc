#include "registry/log_record/copy.h"

#include <fmt/format.h>

#include <future>

#include "kpr/v1/log.pb.h"
#include "registry/facts/subject.h"
#include "registry/log_record/routing.h"
#include "registry/log_record/scan.h"

namespace kpr {
namespace {

constexpr size_t kBytesAtOnce = 2u << 20;

// Whom the record is about, of those in its partition.
std::string KeyOf(const EventLog& log, uint32_t stream, std::string_view bytes) {
  if (stream == log.senders_stream()) {
    v1::ChainRecord chain;
    return chain.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ? chain.sender() : "";
  }
  v1::LogRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  if (record.has_forwarded()) return record.forwarded().subject();
  if (!record.has_event()) return {};
  const auto timelines = TimelinesOf(record.event());
  if (!timelines.ok()) return {};
  for (const SubjectId& subject : *timelines) {
    if (PartitionOf(subject, log.partitions()) == stream) return std::string(subject.view());
  }
  return {};
}

Status AppendNow(EventLog* log, LogBatch batch) {
  std::promise<Status> done;
  log->Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
  return done.get_future().get();
}

Result<uint64_t> HashOf(EventLog* log, uint32_t stream) {
  uint64_t hash = Fnv1a("stream");
  KPR_RETURN_IF_ERROR(
      ScanStream(log, stream, log->End(stream), [&](uint64_t offset, std::string_view record) -> Status {
        hash = Fnv1a(record, Fnv1a(std::to_string(offset), hash));
        return {};
      }));
  return hash;
}

}  // namespace

Status CopyLog(EventLog* from, EventLog* to, const std::atomic<bool>& stop,
               const std::function<void(const LogCopyProgress&)>& progress) {
  if (from->partitions() != to->partitions()) {
    return FailedPrecondition(
        fmt::format("the one log has {} partitions, the other {}: set data.partitions alike",
                    from->partitions(), to->partitions()));
  }
  LogCopyProgress now;
  for (uint32_t stream = 0; stream <= from->partitions(); ++stream) {
    now.of += from->End(stream);
    if (to->End(stream) != 0)
      return FailedPrecondition(fmt::format("stream {} of the log to copy to is not empty", stream));
  }
  for (uint32_t stream = 0; stream <= from->partitions(); ++stream) {
    LogBatch batch;
    const auto flush = [&]() -> Status {
      if (batch.empty()) return {};
      progress(now);
      return AppendNow(to, std::exchange(batch, {}));
    };
    KPR_RETURN_IF_ERROR(
        ScanStream(from, stream, from->End(stream), [&](uint64_t, std::string_view record) -> Status {
          if (stop) return Unavailable("interrupted; empty the log copied to and begin again");
          batch.Add(stream, record, KeyOf(*to, stream, record));
          ++now.records;
          return batch.bytes() < kBytesAtOnce ? Status() : flush();
        }));
    KPR_RETURN_IF_ERROR(flush());
  }
  now.verifying = true;
  for (uint32_t stream = 0; stream <= from->partitions(); ++stream) {
    progress(now);
    KPR_ASSIGN_OR_RETURN(const uint64_t source, HashOf(from, stream));
    KPR_ASSIGN_OR_RETURN(const uint64_t copy, HashOf(to, stream));
    if (source != copy)
      return DataLoss(fmt::format("stream {} of the copy differs; empty it and begin again", stream));
  }
  return {};
}

}  // namespace kpr
