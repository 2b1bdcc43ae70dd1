#include "registry/replica/replica.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "registry/apply/applier.h"
#include "registry/apply/partition.h"

namespace kpr {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kWait{200};
constexpr size_t kReadBatchBytes = 8u << 20;
// Names of the store's metadata: offsets, times, and whether it holds one whole publication.
constexpr char kChangelogMark[] = "changelog", kTimelinesMark[] = "timelines", kMadeMark[] = "made",
               kPublishedMark[] = "published", kEndSeenMark[] = "end_seen", kWholeMark[] = "whole";
constexpr int64_t kNoteEndMs = 60'000;

// Up to when a store has all that was published.
Result<int64_t> TailedUntil(const PartitionStore& store) {
  uint64_t until = 0;
  for (const char* mark : {kMadeMark, kPublishedMark, kEndSeenMark}) {
    KPR_ASSIGN_OR_RETURN(const uint64_t at, store.Metadata(mark));
    until = std::max(until, at);
  }
  return static_cast<int64_t>(until);
}

}  // namespace

static Result<std::shared_ptr<PartitionStore>> Make(const std::string& directory, const Clock& clock) {
  KPR_ASSIGN_OR_RETURN(auto store, OpenPartitionStore(directory));
  StoreWrite write;
  write.metadata = {{kMadeMark, static_cast<uint64_t>(clock.UnixMillis())}};
  KPR_RETURN_IF_ERROR(store->Write(write));
  return store;
}

// A store that was not followed for long may lack deletions: what is left of that is kept for a day
// only.
static Result<std::shared_ptr<PartitionStore>> OpenTailed(const std::string& directory, const Clock& clock,
                                                          std::chrono::hours rebuild_after) {
  std::error_code error;
  if (std::filesystem::exists(directory, error)) {
    KPR_ASSIGN_OR_RETURN(auto store, OpenPartitionStore(directory));
    KPR_ASSIGN_OR_RETURN(const int64_t tailed_until, TailedUntil(*store));
    if (clock.UnixMillis() - tailed_until < milliseconds(rebuild_after).count()) return store;
    store.reset();
    std::filesystem::remove_all(directory, error);
    if (error) return Unavailable(fmt::format("recreate {}: {}", directory, error.message()));
  }
  return Make(directory, clock);
}

Result<std::unique_ptr<Replica>> Replica::Open(uint32_t partition, const std::string& directory,
                                               const ReplicaOptions& options, Changelog* changelog,
                                               EventLog* log, const Clock* clock) {
  std::unique_ptr<Replica> replica(new Replica(partition, options, changelog, log, clock));
  KPR_ASSIGN_OR_RETURN(replica->store_, OpenTailed(directory, *clock, options.rebuild_after));
  StoreState state;
  const auto nothing = [](std::string_view, std::string_view) { return false; };
  KPR_RETURN_IF_ERROR(replica->store_->ScanRange(Table::kDayBoundaries, "", "", nothing, &state));
  replica->partial_batch_ = state.partial_batch;
  KPR_ASSIGN_OR_RETURN(replica->timelines_offset_, replica->store_->Metadata(kTimelinesMark));
  KPR_ASSIGN_OR_RETURN(const uint64_t published_at, replica->store_->Metadata(kPublishedMark));
  replica->published_at_ms_ = static_cast<int64_t>(published_at);
  KPR_ASSIGN_OR_RETURN(const uint64_t whole, replica->store_->Metadata(kWholeMark));
  replica->whole_ = whole != 0;
  BackfillState computed;
  if (!BackfillState::Decode(replica->store_->catalogue(), &computed))
    return DataLoss("replica " + directory);
  const MutexLock lock(replica->mutex_);
  for (const IndicatorVersion& version : computed.complete) replica->complete_.insert(version.number);
  return replica;
}

void Replica::Start() {
  const auto run = [this](Status (Replica::*step)(), Status* error) {
    return std::thread([this, step, error] {
      while (!stopping_) {
        const Status status = (this->*step)();
        SetError(error, status);
        if (!status.ok()) std::this_thread::sleep_for(kWait);
      }
    });
  };
  follower_ = run(&Replica::TailCells, &changelog_error_);
  if (options_.timelines) timelines_follower_ = run(&Replica::TailTimelines, &timelines_error_);
}

void Replica::Stop() {
  stopping_ = true;
  if (follower_.joinable()) follower_.join();
  if (timelines_follower_.joinable()) timelines_follower_.join();
}

void Replica::SetError(Status* error, const Status& status) {
  const MutexLock lock(mutex_);
  *error = status;
}

Status Replica::error() const {
  const MutexLock lock(mutex_);
  return changelog_error_.ok() ? timelines_error_ : changelog_error_;
}

bool Replica::Has(uint32_t version) const {
  const MutexLock lock(mutex_);
  return complete_.contains(version);
}

bool Replica::CaughtUp() const {
  const MutexLock lock(mutex_);
  return caught_up_;
}

Status Replica::Ready() const {
  if (CaughtUp()) return {};
  return Unavailable(
      fmt::format("this node is still reading the cells of partition {}; ask again", partition_));
}

StoreWrite Replica::NextWrite() const {
  StoreWrite write;
  write.next_offset = store_->next_offset();
  write.horizon_days = store_->horizon_days();
  write.feedback_next = store_->feedback_next();
  write.partial_batch = partial_batch_;
  return write;
}

// What was replaced after the store's publication is gone from the changelog only when it is older than
// resync_after: so an unfinished batch at the end can be left out if it is younger, or if
// the store's own was whole when it came.
bool Replica::IsWhole() const {
  if (store_->catalogue().empty()) return false;
  const bool unfinished = partial_batch_ || !pending_.empty();
  return whole_ || !unfinished ||
         clock_->UnixMillis() - published_at_ms_ < milliseconds(options_.resync_after).count();
}

Status Replica::NoteEnd(int64_t now_ms) {
  if (partial_batch_ || !pending_.empty() || (whole_ && now_ms - end_noted_ms_ < kNoteEndMs)) return {};
  const MutexLock lock(writing_);
  StoreWrite write = NextWrite();
  write.metadata = {{kEndSeenMark, static_cast<uint64_t>(now_ms)}, {kWholeMark, 1}};
  KPR_RETURN_IF_ERROR(store_->Write(write));
  whole_ = true;
  end_noted_ms_ = now_ms;
  return {};
}

Status Replica::TailCells() {
  const int64_t now = clock_->UnixMillis();
  const milliseconds away(now - end_seen_ms_);
  if (away > options_.resync_after) {
    const MutexLock lock(mutex_);
    if (caught_up_) reader_.reset();  // what it has read ahead is of a time before
    caught_up_ = false;
  }
  if (away > options_.rebuild_after)
    return Unavailable(fmt::format(
        "partition {} could not be followed for {} hours and is too old to resume; restart this node to "
        "rebuild it",
        partition_, std::chrono::floor<std::chrono::hours>(away).count()));
  if (reader_ == nullptr) {
    KPR_ASSIGN_OR_RETURN(auto reader, changelog_->Reader(partition_));
    KPR_ASSIGN_OR_RETURN(const uint64_t next, store_->Metadata(kChangelogMark));
    KPR_RETURN_IF_ERROR(reader->Seek(next));
    pending_.clear();
    pending_bytes_ = 0;
    reader_ = std::move(reader);
  }
  const auto poll = reader_->Read(kWait);
  if (!poll.ok()) {
    reader_.reset();
    return poll.status();
  }
  for (const ChangelogRecord& record : poll->records) {
    if (const Status status = Take(record); !status.ok()) {
      reader_.reset();
      return status;
    }
  }
  if (!poll->caught_up) return {};
  end_seen_ms_ = now;
  {
    const MutexLock lock(mutex_);
    caught_up_ = caught_up_ || IsWhole();
    if (!caught_up_) return {};
  }
  return NoteEnd(now);
}

Status Replica::Take(const ChangelogRecord& record) {
  if (IsMarker(record)) {
    KPR_ASSIGN_OR_RETURN(const BatchCommitMarker marker, DecodeMarker(record));
    return WritePending(&marker, record.offset + 1);
  }
  KPR_ASSIGN_OR_RETURN(Change change, DecodeChange(record));
  pending_bytes_ += change.key.size() + (change.value ? change.value->size() : 0) + sizeof(Put);
  pending_.push_back({change.table, std::move(change.key), std::move(change.value)});
  return pending_bytes_ < options_.pending_bytes ? Status() : WritePending(nullptr, record.offset + 1);
}

Status Replica::WritePending(const BatchCommitMarker* marker, uint64_t next_offset) {
  BackfillState computed;
  if (marker != nullptr && !BackfillState::Decode(marker->catalogue, &computed))
    return DataLoss(fmt::format("published marker before offset {}", next_offset));
  bool changed = false;
  {
    const MutexLock lock(writing_);
    StoreWrite write = NextWrite();
    write.puts = std::move(pending_);
    write.metadata = {{kChangelogMark, next_offset}};
    write.partial_batch = marker == nullptr;
    const bool whole = marker != nullptr && CaughtUp();
    write.metadata.emplace_back(kWholeMark, whole ? 1 : 0);
    if (marker != nullptr) {
      write.next_offset = marker->state.next_offset;
      write.horizon_days = marker->state.horizon_days;
      write.feedback_next = marker->state.feedback_next;
      write.epoch = marker->epoch;
      write.catalogue = marker->catalogue;
      write.metadata.emplace_back(kPublishedMark, static_cast<uint64_t>(marker->at_ms));
    }
    changed = !write.puts.empty() || write.catalogue.value_or("") != store_->catalogue();
    KPR_RETURN_IF_ERROR(store_->Write(write));
    partial_batch_ = write.partial_batch;
    whole_ = whole;
  }
  pending_.clear();
  pending_bytes_ = 0;
  if (marker == nullptr) return {};
  published_at_ms_ = marker->at_ms;
  {
    const MutexLock lock(mutex_);
    complete_.clear();
    for (const IndicatorVersion& version : computed.complete) complete_.insert(version.number);
  }
  if (changed) options_.on_change();
  return {};
}

// As a rebuild reads them: blindly, as the fold takes equal copies for one.
Status Replica::TailTimelines() {
  const uint64_t position = timelines_offset_;
  if (log_->WaitBeyond(partition_, position, kWait) <= position) return {};
  KPR_ASSIGN_OR_RETURN(const auto chunks, log_->Read(partition_, position, kReadBatchBytes));
  if (chunks.empty()) return {};
  KPR_ASSIGN_OR_RETURN(LogSlice slice, ReadSlice(chunks, position, partition_, log_->partitions()));
  std::stable_sort(slice.facts.begin(), slice.facts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const MutexLock lock(writing_);
  StoreWrite write = NextWrite();
  write.timeline_appends = std::move(slice.facts);
  write.metadata = {{kTimelinesMark, chunks.back().end()}};
  KPR_RETURN_IF_ERROR(store_->Write(write));
  timelines_offset_ = chunks.back().end();
  return {};
}

Result<std::unique_ptr<ReplicaSet>> ReplicaSet::Open(const std::string& directory, ReplicaOptions options,
                                                     Changelog* changelog, EventLog* log,
                                                     const Clock* clock) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Unavailable(fmt::format("replicas {}: {}", directory, error.message()));
  std::unique_ptr<ReplicaSet> set(new ReplicaSet(options.timelines));
  options.on_change = [s = set.get()] {
    {
      const MutexLock lock(s->mutex_);
      ++s->changes_;
    }
    s->changed_.NotifyAll();
  };
  for (uint32_t i = 0; i < log->partitions(); ++i) {
    KPR_ASSIGN_OR_RETURN(auto replica,
                         Replica::Open(i, PartitionDirectory(directory, i), options, changelog, log, clock));
    set->replicas_.push_back(std::move(replica));
  }
  return set;
}

void ReplicaSet::Start() {
  for (const auto& replica : replicas_) replica->Start();
}

void ReplicaSet::Stop() {
  for (const auto& replica : replicas_) replica->Stop();
}

bool ReplicaSet::Complete(uint32_t version) const {
  return std::all_of(replicas_.begin(), replicas_.end(), [&](const auto& r) { return r->Has(version); });
}

uint64_t ReplicaSet::WaitForChange(uint64_t seen, milliseconds timeout) const {
  const auto end = std::chrono::steady_clock::now() + timeout;
  const MutexLock lock(mutex_);
  while (changes_ == seen && changed_.WaitUntil(mutex_, end)) continue;
  return changes_;
}

Status ReplicaSet::Ready() const {
  for (const auto& replica : replicas_) KPR_RETURN_IF_ERROR(replica->Ready());
  return {};
}

int64_t ReplicaSet::FreshAtMs() const {
  int64_t oldest = INT64_MAX;
  for (const auto& replica : replicas_) oldest = std::min(oldest, replica->published_at_ms());
  return replicas_.empty() ? 0 : oldest;
}

Status ReplicaSet::HasTimelines(const std::vector<uint64_t>& positions) const {
  if (!timelines_) {
    return FailedPrecondition(
        "this query node keeps no timelines (query.timelines = false): explanations, revisions and earlier "
        "states "
        "are asked of one that does");
  }
  for (uint32_t i = 0; i < partitions(); ++i) {
    if (replicas_[i]->timelines_offset() < positions[i])
      return Unavailable(
          fmt::format("this node is still reading the timelines of partition {}; ask again", i));
  }
  return {};
}

}  // namespace kpr
