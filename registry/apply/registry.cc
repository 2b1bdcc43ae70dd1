#include "registry/apply/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace kpr {

using std::chrono::milliseconds;

Result<std::unique_ptr<Registry>> Registry::Open(RegistryOptions options, EventLog* log,
                                                 DerivedStateUpdater* updater) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) return Unavailable(fmt::format("registry {}: {}", options.directory, error.message()));
  std::unique_ptr<Registry> registry(new Registry(log));
  options.partition.on_change = [r = registry.get()] { r->Changed(); };
  for (uint32_t i = 0; i < log->partitions(); ++i) {
    KPR_ASSIGN_OR_RETURN(auto partition, Partition::Open(i, PartitionDirectory(options.directory, i),
                                                         options.partition, log, updater));
    registry->partitions_.push_back(std::move(partition));
  }
  KPR_ASSIGN_OR_RETURN(registry->chains_, ChainFollower::Open(ChainDirectory(options.directory), log,
                                                              options.partition.space_guard));
  std::vector<Partition*> partitions;
  for (const auto& partition : registry->partitions_) partitions.push_back(partition.get());
  registry->scrubber_ =
      std::make_unique<Scrubber>(options.scrubber, std::move(partitions), options.directory, log, updater);
  return registry;
}

void Registry::Start() {
  for (const auto& partition : partitions_) partition->Start();
  chains_->Start();
  scrubber_->Start();
}

void Registry::Stop() {
  for (const auto& partition : partitions_) partition->BeginStop();
  if (scrubber_) scrubber_->Stop();
  for (const auto& partition : partitions_) partition->Stop();
  if (chains_) chains_->Stop();
}

Status Registry::error(uint32_t partition) const {
  return partition == partitions() ? chains_->error() : partitions_[partition]->error();
}

Status Registry::Ready() const {
  for (const auto& partition : partitions_) KPR_RETURN_IF_ERROR(partition->Ready());
  return {};
}

bool Registry::Complete(uint32_t version) const {
  return std::all_of(partitions_.begin(), partitions_.end(),
                     [&](const auto& partition) { return partition->complete().contains(version); });
}

void Registry::Changed() {
  {
    const MutexLock lock(mutex_);
    ++changes_;
  }
  changed_.NotifyAll();
}

uint64_t Registry::WaitForChange(uint64_t seen, milliseconds timeout) const {
  const auto end = std::chrono::steady_clock::now() + timeout;
  const MutexLock lock(mutex_);
  while (changes_ == seen && changed_.WaitUntil(mutex_, end)) continue;
  return changes_;
}

bool Registry::WaitUntil(milliseconds timeout, const std::function<bool()>& done) const {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    const MutexLock lock(mutex_);
    changed_.WaitFor(mutex_, milliseconds(5));
  }
  return true;
}

bool Registry::WaitComplete(milliseconds timeout) const {
  return WaitUntil(timeout, [&] {
    return std::none_of(partitions_.begin(), partitions_.end(),
                        [](const auto& partition) { return partition->backfilling(); });
  });
}

// What the outbox appends is part of what must be applied, so the ends are taken again when all seems still.
bool Registry::AllApplied() const {
  std::vector<uint64_t> ends;
  for (uint32_t i = 0; i <= partitions(); ++i) ends.push_back(log_->End(i));
  for (uint32_t i = 0; i < partitions(); ++i) {
    if (store(i)->next_offset() < ends[i] || !partitions_[i]->OutboxEmpty()) return false;
  }
  if (chains_->next_offset() < ends.back()) return false;
  for (uint32_t i = 0; i <= partitions(); ++i) {
    if (log_->End(i) != ends[i]) return false;
  }
  return true;
}

bool Registry::WaitApplied(milliseconds timeout) const {
  return WaitUntil(timeout, [&] { return AllApplied(); });
}

}  // namespace kpr
