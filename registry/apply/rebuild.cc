#include "registry/apply/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>
#include <unordered_map>

#include "base/mutex.h"
#include "registry/apply/applier.h"
#include "registry/apply/calendar.h"
#include "registry/apply/generation.h"

namespace kpr {
namespace {

constexpr size_t kRebuildReadBytes = 32u << 20;

void AddBoundaries(CalendarChange change, std::vector<KeyValue>* all) {
  if (change.moved_back_to)
    std::erase_if(*all, [&](const KeyValue& b) { return IsAfter(b.first, *change.moved_back_to); });
  for (KeyValue& boundary : change.day_boundaries) {
    if (all->empty() || all->back().first < boundary.first) all->push_back(std::move(boundary));
  }
}

// Every timeline of the records below `end`; gives the calendar's day boundaries and the horizon.
Status AppendTimelines(uint32_t partition, uint64_t end, EventLog* log, PartitionStore* store,
                       const std::function<bool()>& cancelled, const std::function<void(uint64_t)>& read,
                       std::vector<KeyValue>* day_boundaries, int32_t* horizon) {
  uint64_t records = 0;
  for (uint64_t at = 0; at < end;) {
    if (cancelled()) return Unavailable("interrupted");
    KPR_ASSIGN_OR_RETURN(auto chunks, log->Read(partition, at, kRebuildReadBytes));
    std::erase_if(chunks, [&](const LogChunk& chunk) { return chunk.first_offset >= end; });
    if (chunks.empty())
      return DataLoss(fmt::format("the log has no record {} of partition {}", at, partition));
    KPR_ASSIGN_OR_RETURN(LogSlice slice, ReadSlice(chunks, at, partition, log->partitions(), end));
    StoreWrite write;
    std::unordered_map<SubjectId, size_t, BytesHash> place;
    for (auto& [subject, bytes] : slice.facts) {
      const auto [it, fresh] = place.emplace(subject, write.timeline_appends.size());
      if (fresh) {
        write.timeline_appends.emplace_back(subject, std::move(bytes));
      } else {
        write.timeline_appends[it->second].second += bytes;
      }
    }
    CalendarChange change = MoveCalendar(slice.ticks, *horizon);
    *horizon = change.horizon_days;
    AddBoundaries(std::move(change), day_boundaries);
    write.quarantine_puts = QuarantineOf(slice);
    KPR_RETURN_IF_ERROR(store->Write(write));
    read(records += slice.records);
    at = chunks.back().end();
  }
  return {};
}

}  // namespace

Status RebuildPartition(const std::string& directory, uint32_t partition, uint64_t end, EventLog* log,
                        DerivedStateUpdater* updater, const std::function<bool()>& cancelled,
                        const std::function<void(RebuildProgress)>& progress, RebuildWrites writes) {
  KPR_ASSIGN_OR_RETURN(const auto store, OpenPartitionStore(directory, StoreUse::kFilling));
  std::vector<KeyValue> day_boundaries;
  int32_t horizon = 0;
  RebuildProgress made;
  KPR_RETURN_IF_ERROR(AppendTimelines(
      partition, end, log, store.get(), cancelled,
      [&](uint64_t records) {
        made.records = records;
        progress(made);
      },
      &day_boundaries, &horizon));
  KPR_RETURN_IF_ERROR(
      PartitionApplier(partition, log->partitions(), store.get(), updater)
          .ComputeAll(std::move(day_boundaries), horizon, end, writes, cancelled, [&](uint64_t subjects) {
            made.subjects = subjects;
            progress(made);
          }));
  // A store that has lost its end would have facts without their cells, which no replay makes again.
  KPR_RETURN_IF_ERROR(store->Flush());
  return store->MergeTotals();
}

Status RebuildInto(const std::string& directory, EventLog* log, DerivedStateUpdater* updater,
                   const std::function<bool()>& cancelled,
                   const std::function<void(RebuildProgress)>& progress, RebuildWrites writes) {
  if (std::filesystem::exists(PartitionDirectory(directory, 0))) {
    return FailedPrecondition(fmt::format("{} holds a registry already", directory));
  }
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Unavailable(fmt::format("{}: {}", directory, error.message()));
  std::vector<RebuildProgress> made(log->partitions());  // guarded by mutex
  std::atomic<uint32_t> next = 0;
  Mutex mutex;
  ConditionVariable ended;
  uint32_t working = std::min(log->partitions(), std::max(1u, std::thread::hardware_concurrency()));
  writes.bytes /= working;
  MergeAtOnce(working);
  Status failure;
  std::vector<std::thread> threads;
  for (uint32_t i = 0, workers = working; i < workers; ++i) {
    threads.emplace_back([&] {
      for (uint32_t partition = next++; partition < log->partitions(); partition = next++) {
        const Status status = RebuildPartition(
            PartitionDirectory(directory, partition), partition, log->End(partition), log, updater, cancelled,
            [&](const RebuildProgress& p) {
              const MutexLock lock(mutex);
              made[partition] = p;
            },
            writes);
        const MutexLock lock(mutex);
        if (!status.ok() && failure.ok()) failure = status;
      }
      const MutexLock lock(mutex);
      --working;
      ended.NotifyOne();
    });
  }
  for (bool done = false; !done;) {
    RebuildProgress all;
    {
      const MutexLock lock(mutex);
      if (working > 0) ended.WaitFor(mutex, std::chrono::milliseconds(50));
      done = working == 0;
      for (const RebuildProgress& p : made) {
        all.records += p.records;
        all.subjects += p.subjects;
      }
    }
    progress(all);
  }
  for (std::thread& thread : threads) thread.join();
  return failure;
}

}  // namespace kpr
