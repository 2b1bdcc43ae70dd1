#include "registry/log_record/scan.h"

#include <fmt/format.h>

namespace kpr {
namespace {

constexpr size_t kReadBytes = 8u << 20;

}  // namespace

Status ScanStream(EventLog* log, uint32_t stream, uint64_t end,
                  const std::function<Status(uint64_t, std::string_view)>& f) {
  for (uint64_t at = 0; at < end;) {
    KPR_ASSIGN_OR_RETURN(const auto chunks, log->Read(stream, at, kReadBytes));
    if (chunks.empty()) return DataLoss(fmt::format("log stream {} ends at {} of {}", stream, at, end));
    Status status;
    for (const LogChunk& chunk : chunks) {
      const bool whole = chunk.ForEach([&](uint64_t offset, std::string_view record) {
        if (status.ok() && offset >= at && offset < end) status = f(offset, record);
      });
      if (!whole && status.ok()) status = DataLoss(fmt::format("log stream {} from offset {}", stream, at));
    }
    KPR_RETURN_IF_ERROR(status);
    at = chunks.back().end();
  }
  return {};
}

Status ScanRecords(EventLog* log, uint32_t partition, uint64_t end,
                   const std::function<void(uint64_t, const v1::LogRecord*)>& f) {
  v1::LogRecord record;
  return ScanStream(log, partition, end, [&](uint64_t offset, std::string_view bytes) -> Status {
    const bool parsed = record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    f(offset, parsed ? &record : nullptr);
    return {};
  });
}

}  // namespace kpr
