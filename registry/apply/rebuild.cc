#include "registry/apply/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "registry/apply/applier.h"
#include "registry/apply/partition.h"

namespace kpr {
namespace {

constexpr size_t kReadBytes = 32u << 20;

struct Shared {
  EventLog* log;
  DerivedStateUpdater* updater;
  const std::function<bool()>* cancelled;
  std::atomic<uint64_t> records = 0, subjects = 0;
};

Status RebuildPartition(const std::string& directory, uint32_t partition, Shared* shared) {
  KPR_ASSIGN_OR_RETURN(const auto store, OpenPartitionStore(PartitionDirectory(directory, partition)));
  const uint32_t partitions = shared->log->partitions();
  const uint64_t end = shared->log->End(partition);
  int32_t horizon = 0;
  std::vector<KeyValue> day_boundaries;
  for (uint64_t at = 0; at < end;) {
    if ((*shared->cancelled)()) return Unavailable("interrupted");
    KPR_ASSIGN_OR_RETURN(const auto chunks, shared->log->Read(partition, at, kReadBytes));
    KPR_ASSIGN_OR_RETURN(LogSlice slice, ReadSlice(chunks, at, partition, partitions));
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
    for (KeyValue& close : DayBoundariesOf(slice.ticks, horizon)) day_boundaries.push_back(std::move(close));
    for (const auto& [day, offset] : slice.ticks) horizon = std::max(horizon, day);
    write.quarantine_puts = QuarantineOf(slice);
    KPR_RETURN_IF_ERROR(store->Write(write));
    shared->records += slice.records;
    at = chunks.back().end();
  }
  uint64_t told = 0;
  return PartitionApplier(partition, partitions, store.get(), shared->updater)
      .ComputeAll(std::move(day_boundaries), horizon, end, *shared->cancelled, [&](uint64_t subjects) {
        shared->subjects += subjects - told;
        told = subjects;
      });
}

}  // namespace

Status RebuildInto(const std::string& directory, EventLog* log, DerivedStateUpdater* updater,
                   const std::function<bool()>& cancelled,
                   const std::function<void(RebuildProgress)>& progress) {
  if (std::filesystem::exists(PartitionDirectory(directory, 0))) {
    return FailedPrecondition(fmt::format("{} holds a registry already", directory));
  }
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Unavailable(fmt::format("{}: {}", directory, error.message()));
  Shared shared{log, updater, &cancelled};
  std::atomic<uint32_t> next = 0;
  std::mutex mutex;
  std::condition_variable ended;
  uint32_t working = std::min(log->partitions(), std::max(1u, std::thread::hardware_concurrency()));
  Status failure;
  std::vector<std::thread> threads;
  for (uint32_t i = 0, workers = working; i < workers; ++i) {
    threads.emplace_back([&] {
      for (uint32_t partition = next++; partition < log->partitions(); partition = next++) {
        const Status status = RebuildPartition(directory, partition, &shared);
        std::lock_guard lock(mutex);
        if (!status.ok() && failure.ok()) failure = status;
      }
      std::lock_guard lock(mutex);
      --working;
      ended.notify_one();
    });
  }
  for (bool done = false; !done;) {
    {
      std::unique_lock lock(mutex);
      done = ended.wait_for(lock, std::chrono::milliseconds(50), [&] { return working == 0; });
    }
    progress({shared.records, shared.subjects});
  }
  for (std::thread& thread : threads) thread.join();
  return failure;
}

}  // namespace kpr
