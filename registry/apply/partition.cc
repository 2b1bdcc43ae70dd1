#include "registry/apply/partition.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "registry/apply/outbox.h"

namespace kpr {
namespace {

using std::chrono::milliseconds;
constexpr size_t kOutboxAtOnce = 1000;
constexpr size_t kSubjectBytes = 16;  // an outbox key begins with them
constexpr int kApplyNiceness = 10;
constexpr char kFillMark[] = "fill_until";

}  // namespace

Result<std::unique_ptr<Partition>> Partition::Open(uint32_t number, const std::string& directory,
                                                   const PartitionOptions& options, EventLog* log,
                                                   DerivedStateUpdater* updater,
                                                   std::unique_ptr<ChangelogSink> sink) {
  std::unique_ptr<Partition> partition(new Partition(number, directory, options, log, updater));
  partition->sink_ = std::move(sink);
  KPR_RETURN_IF_ERROR(partition->OpenStore());
  const uint64_t end = log->End(number), at = partition->store_->next_offset();
  if (at > end) {
    return DataLoss(
        fmt::format("{} holds the log up to offset {}, the log ends at {}: the log has lost records, restore "
                    "it before serving",
                    directory, at, end));
  }
  KPR_RETURN_IF_ERROR(partition->ReadFillMark(end).WithContext(directory));
  KPR_RETURN_IF_ERROR(partition->applier_->RetryQuarantined(log).WithContext(directory));
  partition->PublishState();
  return partition;
}

Status Partition::OpenStore() {
  for (bool again = true;; again = false) {
    KPR_ASSIGN_OR_RETURN(const std::string newest, NewestGeneration(directory_));
    auto opened = OpenPartitionStore(newest);
    Status status = opened.status();
    if (opened.ok()) {
      store_ = std::move(*opened);
      status = OpenApplier();
    }
    generation_ = newest;
    if (status.ok()) return RemoveOtherGenerations(directory_, newest);
    if (status.code() != Code::kDataLoss || !options_.sets_aside || !again) return status.WithContext(newest);
    applier_.reset();
    store_.reset();
    KPR_RETURN_IF_ERROR(SetAside(newest));
    options_.on_damage(number_, status);
  }
}

Status Partition::OpenApplier() {
  applier_ =
      std::make_unique<PartitionApplier>(number_, log_->partitions(), store_.get(), updater_, sink_.get());
  return applier_->Open();
}

// An empty store says of itself up to where it is to be filled, so that a start in between does not forget
// it.
Status Partition::ReadFillMark(uint64_t log_end) {
  if (store_->next_offset() == 0 && log_end > 0) {
    StoreWrite mark;
    mark.metadata.emplace_back(kFillMark, log_end);
    mark.feedback_next = store_->feedback_next();
    KPR_RETURN_IF_ERROR(store_->Write(mark));
  }
  KPR_ASSIGN_OR_RETURN(ready_at_, store_->Metadata(kFillMark));
  return {};
}

std::shared_ptr<PartitionStore> Partition::store() const {
  const MutexLock lock(mutex_);
  return store_;
}

std::string Partition::directory() const {
  const MutexLock lock(mutex_);
  return generation_;
}

Status Partition::Ready() const {
  const uint64_t at = store()->next_offset();
  if (at >= ready_at_) return {};
  return Unavailable(fmt::format("partition {} is being filled from the log: {} of {} records; retry later",
                                 number_, at, ready_at_));
}

bool Partition::damaged() const {
  return store()->damaged() || error().code() == Code::kDataLoss;
}

Status Partition::Replace(const std::string& built) {
  const MutexLock lock(mutex_);
  replacement_ = built;
  while (!replacement_result_ && !stopping_) replaced_.Wait(mutex_);
  replacement_.clear();
  const std::optional<Status> result = std::exchange(replacement_result_, std::nullopt);
  return result.value_or(Unavailable("stopping"));
}

void Partition::HandleReplacement() {
  std::string built;
  {
    const MutexLock lock(mutex_);
    if (replacement_.empty() || replacement_result_) return;
    built = replacement_;
  }
  Status status = TakeOver(built);
  const MutexLock lock(mutex_);
  replacement_result_ = std::move(status);
  replaced_.NotifyAll();
}

void Partition::RemoveFormer() {
  if (former_generation_.empty() || !former_.expired()) return;
  std::error_code error;
  std::filesystem::remove_all(former_generation_, error);  // what is left is removed at the next start
  former_generation_.clear();
}

Status Partition::CatchUp(PartitionStore* store) {
  PartitionApplier applier(number_, log_->partitions(), store, updater_);
  KPR_RETURN_IF_ERROR(applier.Open());
  while (store->next_offset() < store_->next_offset()) {
    if (stopping_) return Unavailable("stopping");
    if (options_.space_guard != nullptr) KPR_RETURN_IF_ERROR(options_.space_guard->CheckApply());
    const ApplyTurn turn(options_.turns.get());
    KPR_ASSIGN_OR_RETURN(const std::vector<LogChunk> chunks,
                         log_->Read(number_, store->next_offset(), options_.batch_bytes));
    if (chunks.empty()) return DataLoss(fmt::format("the log ends at offset {}", store->next_offset()));
    KPR_RETURN_IF_ERROR(applier.Apply(chunks, {}));
  }
  return store->Flush();
}

// What can fail comes before the store becomes the newest generation; readers never see an earlier state.
Status Partition::TakeOver(const std::string& built) {
  if (sink_ != nullptr) return Internal("a published partition cannot be replaced while it runs");
  {
    KPR_ASSIGN_OR_RETURN(const std::shared_ptr<PartitionStore> fresh, OpenPartitionStore(built));
    KPR_RETURN_IF_ERROR(CatchUp(fresh.get()));
  }
  KPR_ASSIGN_OR_RETURN(const std::string generation, AddGeneration(directory_, built));
  std::unique_ptr<PartitionApplier> applier;
  std::shared_ptr<PartitionStore> store;
  const Status opened = [&]() -> Status {
    KPR_ASSIGN_OR_RETURN(store, OpenPartitionStore(generation));
    applier = std::make_unique<PartitionApplier>(number_, log_->partitions(), store.get(), updater_);
    return applier->Open();
  }();
  if (!opened.ok()) {
    applier.reset();
    store.reset();
    std::error_code error;
    std::filesystem::remove_all(generation, error);
    return opened;
  }
  former_generation_ = generation_;
  former_ = store_;
  {
    const MutexLock lock(mutex_);
    generation_ = generation;
    store_.swap(store);
    error_ = {};
  }
  applier_ = std::move(applier);
  {
    const MutexLock lock(outbox_->mutex);
    outbox_->delivered.clear();  // keys of the former store
    outbox_->dirty = true;
  }
  PublishState();
  options_.on_change();
  return {};
}

void Partition::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Partition::BeginStop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  replaced_.NotifyAll();
}

void Partition::Stop() {
  BeginStop();
  if (thread_.joinable()) thread_.join();
}

Status Partition::error() const {
  const MutexLock lock(mutex_);
  return error_;
}

std::set<uint32_t> Partition::complete() const {
  const MutexLock lock(mutex_);
  return complete_;
}

bool Partition::backfilling() const {
  const MutexLock lock(mutex_);
  return backfilling_;
}

std::shared_ptr<ApplyTurns> ApplyTurns::ForProcessors() {
  return std::make_shared<ApplyTurns>(std::max(1u, std::thread::hardware_concurrency()));
}

void Partition::Run() {
  // Acknowledging comes first where both want the processor; what is durable can wait to be applied.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kApplyNiceness);
  while (!stopping_) {
    HandleReplacement();
    RemoveFormer();
    const uint64_t position = store_->next_offset();
    Status status = Step();
    if (status.ok() && sink_ != nullptr) status = sink_->Drain(*store_, behind_, stopping_);
    {
      const MutexLock lock(mutex_);
      error_ = status;
    }
    if (store_->next_offset() != position) options_.on_change();
    // A full disk passes, a damaged store is replaced; anything else needs a person. Nothing is skipped.
    if (!status.ok()) std::this_thread::sleep_for(options_.idle_wait);
  }
}

Status Partition::Step() {
  SendOutbox();
  bool delivered_waits;
  {
    const MutexLock lock(outbox_->mutex);
    delivered_waits = !outbox_->delivered.empty();
  }
  if (applier_->backfill().backfilling()) KPR_RETURN_IF_ERROR(Backfill());
  const uint64_t position = store_->next_offset();
  const bool wait = !delivered_waits && !applier_->backfill().backfilling();
  if (log_->WaitBeyond(number_, position, wait ? options_.idle_wait : milliseconds(0)) <= position &&
      !delivered_waits) {
    behind_ = false;
    // New versions are taken up even while no events come.
    if (!applier_->backfill().backfilling()) KPR_RETURN_IF_ERROR(applier_->SyncCatalogue());
    PublishState();
    return {};
  }
  if (options_.space_guard != nullptr) KPR_RETURN_IF_ERROR(options_.space_guard->CheckApply());
  const ApplyTurn turn(options_.turns.get());
  const auto begin = std::chrono::steady_clock::now();
  KPR_ASSIGN_OR_RETURN(const std::vector<LogChunk> chunks,
                       log_->Read(number_, position, options_.batch_bytes));
  KPR_RETURN_IF_ERROR(applier_->Apply(chunks, TakeDelivered()));
  PublishState();
  {
    const MutexLock lock(outbox_->mutex);
    outbox_->dirty = true;
  }
  size_t bytes = 0;
  for (const LogChunk& chunk : chunks) bytes += chunk.bytes.size();
  behind_ = bytes >= options_.batch_bytes / 4;
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  options_.on_applied({number_, store_->next_offset() - position, spent.count()});
  return {};
}

Status Partition::Backfill() {
  if (options_.space_guard != nullptr) KPR_RETURN_IF_ERROR(options_.space_guard->CheckApply());
  const ApplyTurn turn(options_.turns.get());
  KPR_RETURN_IF_ERROR(applier_->Backfill(options_.backfill_subjects));
  PublishState();
  return {};
}

void Partition::PublishState() {
  const BackfillState& computed = applier_->backfill();
  std::set<uint32_t> complete;
  for (const IndicatorVersion& version : computed.complete) complete.insert(version.number);
  bool changed;
  {
    const MutexLock lock(mutex_);
    changed = complete != complete_;
    complete_ = std::move(complete);
    backfilling_ = computed.backfilling();
  }
  if (changed) options_.on_change();
}

void Partition::SendOutbox() {
  {
    const MutexLock lock(outbox_->mutex);
    if (!outbox_->dirty || !outbox_->under_way.empty()) return;
    outbox_->dirty = false;
  }
  auto records = ReadOutbox(*store_, log_->partitions(), kOutboxAtOnce);
  if (!records.ok() || records->empty()) return;
  LogBatch batch;
  std::vector<std::string> keys;
  {
    const MutexLock lock(outbox_->mutex);
    for (OutboxRecord& record : *records) {
      const bool told = std::find(outbox_->delivered.begin(), outbox_->delivered.end(), record.key) !=
                        outbox_->delivered.end();
      if (told || !outbox_->under_way.insert(record.key).second) continue;
      batch.Add(record.partition, record.record, std::string_view(record.key).substr(0, kSubjectBytes));
      keys.push_back(std::move(record.key));
    }
  }
  if (batch.empty()) return;
  log_->Append(std::move(batch), [outbox = outbox_, keys](const Status& status) {
    const MutexLock lock(outbox->mutex);
    for (const std::string& key : keys) outbox->under_way.erase(key);
    if (status.ok()) outbox->delivered.insert(outbox->delivered.end(), keys.begin(), keys.end());
    outbox->dirty = true;
  });
}

std::vector<std::string> Partition::TakeDelivered() {
  const MutexLock lock(outbox_->mutex);
  return std::exchange(outbox_->delivered, {});
}

bool Partition::OutboxEmpty() const {
  const auto records = ReadOutbox(*store(), log_->partitions(), 1);
  return records.ok() && records->empty();
}

}  // namespace kpr
