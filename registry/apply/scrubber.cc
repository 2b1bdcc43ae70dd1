#include "registry/apply/scrubber.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "registry/apply/compare_stores.h"
#include "registry/apply/rebuild.h"

namespace kpr {
namespace {

constexpr int kLowestPriority = 19;
constexpr size_t kScrubReadBytes = 8u << 20;
constexpr std::chrono::seconds kLookForDamage{1}, kTryAgain{60};

// Bytes of the files in a folder.
uint64_t SizeOf(const std::string& directory) {
  namespace fs = std::filesystem;
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator it(directory, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    std::error_code gone;  // files come and go
    const uintmax_t size = it->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

Scrubber::Scrubber(ScrubberOptions options, std::vector<Partition*> partitions, std::string directory,
                   EventLog* log, DerivedStateUpdater* updater)
    : options_(std::move(options)),
      partitions_(std::move(partitions)),
      directory_(std::move(directory)),
      log_(log),
      updater_(updater) {}

void Scrubber::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Scrubber::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  stopped_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

bool Scrubber::Wait(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  const MutexLock lock(mutex_);
  while (!stopping_ && stopped_.WaitUntil(mutex_, end)) continue;
  return !stopping_;
}

void Scrubber::Run() {
  using Steady = std::chrono::steady_clock;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowestPriority);
  std::vector<Steady::time_point> not_before(partitions_.size());  // what is damaged is tried again
  auto next_round = Steady::now() + options_.interval / 10;
  while (Wait(kLookForDamage)) {
    const bool round = options_.interval.count() > 0 && Steady::now() >= next_round;
    for (uint32_t i = 0; i < partitions_.size() && !stopping_; ++i) {
      const bool damaged = partitions_[i]->damaged() && Steady::now() >= not_before[i];
      if (!round && !damaged) continue;
      const ScrubReport report = Scrub(i);
      if (stopping_) return;
      options_.on_scrubbed(report);
      if (!report.replaced) not_before[i] = Steady::now() + kTryAgain;
    }
    if (round) next_round = Steady::now() + options_.interval;
  }
}

ScrubReport Scrubber::Scrub(uint32_t partition) {
  const MutexLock turn(scrubbing_);
  ScrubReport report;
  report.partition = partition;
  const auto built = BuildDirectory(PartitionDirectory(directory_, partition));
  report.status = built.ok() ? ScrubInto(*built, partitions_[partition], &report) : built.status();
  if (built.ok()) {
    std::error_code error;
    std::filesystem::remove_all(*built, error);  // what is left is removed by the next round
  }
  return report;
}

Status Scrubber::ScrubInto(const std::string& built, Partition* partition, ScrubReport* report) {
  if (options_.space_guard != nullptr)
    KPR_RETURN_IF_ERROR(options_.space_guard->CheckAppend(SizeOf(partition->directory())));
  if (!partition->damaged() && partition->backfilling()) return Unavailable("new figures are being computed");
  KPR_RETURN_IF_ERROR(BuildTo(built, report->partition, partition->store()->next_offset()));
  bool differ = true;
  if (!partition->damaged()) {
    KPR_ASSIGN_OR_RETURN(differ, Differ(built, partition, report));
  }
  if (!differ) return {};
  KPR_RETURN_IF_ERROR(partition->Replace(built));
  report->replaced = true;
  return {};
}

Status Scrubber::CheckSpace() const {
  return options_.space_guard == nullptr ? Status() : options_.space_guard->CheckAppend(0);
}

// Ends where there is not more free than the reserve: senders come first.
Status Scrubber::BuildTo(const std::string& built, uint32_t partition, uint64_t end) {
  Status space;
  const Status status = RebuildPartition(
      built, partition, end, log_, updater_,
      [&] {
        space = CheckSpace();
        return stopping_ || !space.ok();
      },
      [](const RebuildProgress&) {}, {.bytes = limits::kScrubBytes});
  return space.ok() ? status : space;
}

// Brings what was built to where the store is now, and compares.
Result<bool> Scrubber::Differ(const std::string& built, Partition* partition, ScrubReport* report) {
  KPR_ASSIGN_OR_RETURN(const auto fresh, OpenPartitionStore(built));
  const uint32_t number = report->partition;
  PartitionApplier applier(number, log_->partitions(), fresh.get(), updater_);
  KPR_RETURN_IF_ERROR(applier.Open());
  const auto store = partition->store();
  auto taken = store->TakeSnapshot();
  if (taken.status().code() == Code::kDataLoss) return true;
  KPR_RETURN_IF_ERROR(taken.status());
  report->position = (*taken)->state().next_offset;
  while (fresh->next_offset() < report->position) {
    if (stopping_) return Unavailable("interrupted");
    KPR_RETURN_IF_ERROR(CheckSpace());
    KPR_ASSIGN_OR_RETURN(auto chunks, log_->Read(number, fresh->next_offset(), kScrubReadBytes));
    std::erase_if(chunks, [&](const LogChunk& chunk) { return chunk.first_offset >= report->position; });
    if (chunks.empty()) return DataLoss(fmt::format("the log ends before offset {}", report->position));
    KPR_RETURN_IF_ERROR(applier.Apply(chunks, {}));
  }
  if (fresh->next_offset() != report->position)
    return Unavailable("the log's chunks end elsewhere than the store's position");
  const auto catalogue = (*taken)->Catalogue();
  if (catalogue.status().code() == Code::kDataLoss) return true;
  KPR_RETURN_IF_ERROR(catalogue.status());
  if (*catalogue != fresh->catalogue()) return Unavailable("the catalogue has changed meanwhile");
  KPR_ASSIGN_OR_RETURN(const auto right, fresh->TakeSnapshot());
  const auto found = CompareStores(**taken, *right, [this] { return stopping_.load(); });
  if (fresh->damaged()) return DataLoss("what was rebuilt cannot be read");
  if (found.status().code() == Code::kDataLoss) {
    report->differences = 1;
    report->first = found.status().message();
    return true;
  }
  KPR_RETURN_IF_ERROR(found.status());
  report->entries = found->entries;
  report->differences = found->differences;
  report->first = found->first;
  return found->differences > 0;
}

}  // namespace kpr
