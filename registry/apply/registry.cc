#include "registry/apply/registry.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/bytes.h"
#include "kpr/v1/log.pb.h"
#include "registry/apply/applier.h"

namespace kpr {
namespace {

using std::chrono::milliseconds;
constexpr size_t kOutboxAtOnce = 1000;
constexpr size_t kSubjectBytes = 16;  // an outbox key begins with them
constexpr int kApplyNiceness = 10;

Uuid ToUuid(const std::string& bytes) {
  Uuid id;
  if (bytes.size() == 16) std::memcpy(id.bytes.data(), bytes.data(), 16);
  return id;
}

}  // namespace

std::string PartitionDirectory(const std::string& registry, uint32_t partition) {
  return fmt::format("{}/partition-{}", registry, partition);
}

std::string ChainDirectory(const std::string& registry) {
  return registry + "/chains";
}

Registry::Registry(RegistryOptions options, EventLog* log, TimelineObserver* observer)
    : options_(std::move(options)), log_(log), observer_(observer) {}

Result<std::unique_ptr<Registry>> Registry::Open(RegistryOptions options, EventLog* log,
                                                 TimelineObserver* observer) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) return Unavailable(fmt::format("registry {}: {}", options.directory, error.message()));
  std::unique_ptr<Registry> registry(new Registry(std::move(options), log, observer));
  const std::string& directory = registry->options_.directory;
  for (uint32_t i = 0; i < log->partitions(); ++i) {
    KPR_ASSIGN_OR_RETURN(auto store, OpenPartitionStore(PartitionDirectory(directory, i)));
    if (store->next_offset() > log->End(i)) {
      return Damaged(
          fmt::format("registry {} holds partition {} up to offset {}, the log ends at {}: the log has lost "
                      "records, restore it before serving",
                      directory, i, store->next_offset(), log->End(i)));
    }
    registry->appliers_.push_back(
        std::make_unique<PartitionApplier>(i, log->partitions(), store.get(), observer));
    registry->stores_.push_back(std::move(store));
    KPR_RETURN_IF_ERROR(registry->appliers_.back()->Open().In("registry " + directory));
    registry->complete_.emplace_back();
    registry->backfilling_.push_back(false);
    registry->TellComputed(i);
    registry->outboxes_.push_back(std::make_shared<Outbox>());
  }
  registry->errors_.resize(log->partitions() + 1);
  KPR_ASSIGN_OR_RETURN(registry->chains_, OpenChainStore(ChainDirectory(directory)));
  return registry;
}

Registry::~Registry() {
  Stop();
}

void Registry::Start() {
  for (uint32_t i = 0; i < partitions(); ++i) threads_.emplace_back([this, i] { RunPartition(i); });
  threads_.emplace_back([this] { RunChains(); });
}

void Registry::Stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Date Registry::horizon() const {
  Date horizon = kNoEnd;
  for (const auto& store : stores_) horizon = std::min(horizon, Date{store->horizon_days()});
  return horizon;
}

uint64_t Registry::generation() const {
  uint64_t generation = 0;
  for (const auto& store : stores_) generation ^= store->generation();
  return generation;
}

Status Registry::error(uint32_t partition) const {
  std::lock_guard lock(mutex_);
  return errors_[partition];
}

void Registry::RunPartition(uint32_t partition) {
  // Acknowledging comes first where both want the processor; what is durable can wait to be applied.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kApplyNiceness);
  while (!stopping_) {
    const uint64_t position = stores_[partition]->next_offset();
    const Status status = Step(partition);
    {
      std::lock_guard lock(mutex_);
      errors_[partition] = status;
      if (stores_[partition]->next_offset() != position) ++changes_;
    }
    changed_.notify_all();
    if (status.ok()) continue;
    // A full disk passes; anything else needs a person. Either way nothing is skipped.
    std::this_thread::sleep_for(options_.idle_wait);
  }
}

Status Registry::Step(uint32_t partition) {
  PartitionStore& store = *stores_[partition];
  SendOutbox(partition);
  bool delivered_waits;
  {
    std::lock_guard lock(*outbox_mutex_);
    delivered_waits = !outboxes_[partition]->delivered.empty();
  }
  PartitionApplier& applier = *appliers_[partition];
  const uint64_t position = store.next_offset();
  if (applier.computed().backfilling()) {
    if (options_.space_guard != nullptr) KPR_RETURN_IF_ERROR(options_.space_guard->CheckApply());
    KPR_RETURN_IF_ERROR(applier.Backfill(options_.backfill_subjects));
    TellComputed(partition);
  }
  const bool wait = !delivered_waits && !applier.computed().backfilling();
  if (log_->WaitBeyond(partition, position, wait ? options_.idle_wait : milliseconds(0)) <= position &&
      !delivered_waits) {
    // New figures are taken up even while no events come.
    if (!applier.computed().backfilling()) KPR_RETURN_IF_ERROR(applier.TakeUpFigures());
    TellComputed(partition);
    return {};
  }
  if (options_.space_guard != nullptr) KPR_RETURN_IF_ERROR(options_.space_guard->CheckApply());
  const auto begin = std::chrono::steady_clock::now();
  KPR_ASSIGN_OR_RETURN(const std::vector<LogChunk> chunks,
                       log_->Read(partition, position, options_.stretch_bytes));
  KPR_RETURN_IF_ERROR(applier.Apply(chunks, TakeDelivered(partition)));
  TellComputed(partition);
  {
    std::lock_guard lock(*outbox_mutex_);
    outboxes_[partition]->dirty = true;
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  options_.on_applied({partition, store.next_offset() - position, spent.count()});
  return {};
}

void Registry::TellComputed(uint32_t partition) {
  const Computed& computed = appliers_[partition]->computed();
  std::set<uint32_t> complete;
  for (const Figure& figure : computed.complete) complete.insert(figure.number);
  std::lock_guard lock(mutex_);
  if (complete != complete_[partition]) ++changes_;
  complete_[partition] = std::move(complete);
  backfilling_[partition] = computed.backfilling();
}

bool Registry::Complete(uint32_t figure) const {
  std::lock_guard lock(mutex_);
  return std::all_of(complete_.begin(), complete_.end(),
                     [&](const std::set<uint32_t>& figures) { return figures.contains(figure); });
}

bool Registry::WaitComplete(milliseconds timeout) const {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto done = [&] {
    return std::find(backfilling_.begin(), backfilling_.end(), true) == backfilling_.end();
  };
  std::unique_lock lock(mutex_);
  while (!done() && std::chrono::steady_clock::now() < deadline) changed_.wait_for(lock, milliseconds(5));
  return done();
}

Result<std::vector<uint64_t>> Registry::PositionsAtClose(Date day) const {
  std::vector<uint64_t> positions;
  std::string after;
  PutBigEndian(&after, static_cast<uint32_t>(day.days + 1));
  for (const auto& store : stores_) {
    std::optional<uint64_t> begun;
    StoreState state;
    KPR_RETURN_IF_ERROR(store->ScanRange(
        Table::kCloses, after, "",
        [&](std::string_view, std::string_view offset) {
          begun = ByteReader(offset).Varint();
          return false;
        },
        &state));
    positions.push_back(begun.value_or(state.next_offset));
  }
  return positions;
}

void Registry::SendOutbox(uint32_t partition) {
  const auto outbox = outboxes_[partition];
  {
    std::lock_guard lock(*outbox_mutex_);
    if (!outbox->dirty || !outbox->under_way.empty()) return;
    outbox->dirty = false;
  }
  auto records = ReadOutbox(*stores_[partition], partitions(), kOutboxAtOnce);
  if (!records.ok() || records->empty()) return;
  LogBatch batch;
  std::vector<std::string> keys;
  {
    std::lock_guard lock(*outbox_mutex_);
    for (OutboxRecord& record : *records) {
      const bool told = std::find(outbox->delivered.begin(), outbox->delivered.end(), record.key) !=
                        outbox->delivered.end();
      if (told || !outbox->under_way.insert(record.key).second) continue;
      batch.Add(record.partition, record.record, std::string_view(record.key).substr(0, kSubjectBytes));
      keys.push_back(std::move(record.key));
    }
  }
  if (batch.empty()) return;
  log_->Append(std::move(batch), [outbox, mutex = outbox_mutex_, keys](const Status& status) {
    std::lock_guard lock(*mutex);
    for (const std::string& key : keys) outbox->under_way.erase(key);
    if (status.ok()) outbox->delivered.insert(outbox->delivered.end(), keys.begin(), keys.end());
    outbox->dirty = true;
  });
}

std::vector<std::string> Registry::TakeDelivered(uint32_t partition) {
  std::lock_guard lock(*outbox_mutex_);
  return std::exchange(outboxes_[partition]->delivered, {});
}

bool Registry::OutboxEmpty() const {
  for (uint32_t i = 0; i < partitions(); ++i) {
    const auto records = ReadOutbox(*stores_[i], partitions(), 1);
    if (!records.ok() || !records->empty()) return false;
  }
  return true;
}

bool Registry::AllApplied(const std::vector<uint64_t>& ends) const {
  for (uint32_t i = 0; i < partitions(); ++i) {
    if (stores_[i]->next_offset() < ends[i]) return false;
  }
  return chains_->next_offset() >= ends.back();
}

bool Registry::WaitApplied(milliseconds timeout) const {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    // What the outbox appends is part of what must be applied, so the ends are taken anew until all is still.
    std::vector<uint64_t> ends;
    for (uint32_t i = 0; i <= partitions(); ++i) ends.push_back(log_->End(i));
    if (AllApplied(ends) && OutboxEmpty()) {
      bool still = true;
      for (uint32_t i = 0; i <= partitions(); ++i) still = still && log_->End(i) == ends[i];
      if (still) return true;
    }
    std::unique_lock lock(mutex_);
    if (changed_.wait_until(lock, std::min(deadline, std::chrono::steady_clock::now() + milliseconds(5))) ==
            std::cv_status::timeout &&
        std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
  }
}

uint64_t Registry::WaitForChange(uint64_t seen, milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return changes_ != seen; });
  return changes_;
}

void Registry::RunChains() {
  while (!stopping_) {
    const Status status = StepChains();
    {
      std::lock_guard lock(mutex_);
      errors_[partitions()] = status;
    }
    changed_.notify_all();
    if (!status.ok()) std::this_thread::sleep_for(options_.idle_wait);
  }
}

Status Registry::StepChains() {
  const uint32_t stream = log_->senders_stream();
  const uint64_t position = chains_->next_offset();
  if (log_->WaitBeyond(stream, position, options_.idle_wait) <= position) return {};
  if (options_.space_guard != nullptr) KPR_RETURN_IF_ERROR(options_.space_guard->CheckApply());
  KPR_ASSIGN_OR_RETURN(const std::vector<LogChunk> chunks,
                       log_->Read(stream, position, options_.stretch_bytes));
  std::map<std::string, Chain> touched;
  Status status;
  v1::ChainRecord record;
  for (const LogChunk& chunk : chunks) {
    const bool whole = chunk.ForEach([&](uint64_t offset, std::string_view bytes) {
      if (offset < position || !status.ok()) return;
      if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        status = Damaged(fmt::format("senders stream at offset {}", offset));
        return;
      }
      const auto [it, fresh] = touched.try_emplace(record.sender());
      if (fresh) {
        const auto stored = chains_->Get(record.sender());
        if (!stored.ok()) {
          status = stored.status();
          return;
        }
        if (!Chain::Decode(*stored, &it->second)) status = Damaged("chain of " + record.sender());
      }
      for (const v1::ChainLink& link : record.links()) {
        it->second.Add({link.sequence(), ToUuid(link.event_id()), ToUuid(link.previous_event_id())});
      }
    });
    if (!whole && status.ok()) status = Damaged("senders stream");
  }
  KPR_RETURN_IF_ERROR(status);
  std::vector<KeyValue> puts;
  for (const auto& [sender, chain] : touched) puts.emplace_back(sender, chain.Encode());
  return chains_->Write(puts, chunks.empty() ? position : chunks.back().end());
}

Result<Chain> Registry::SenderChain(const std::string& sender, milliseconds timeout) const {
  const uint64_t end = log_->End(log_->senders_stream());
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (chains_->next_offset() < end) {
    if (std::chrono::steady_clock::now() > deadline)
      return Unavailable("the senders' chains are behind; ask again");
    std::this_thread::sleep_for(milliseconds(1));
  }
  KPR_ASSIGN_OR_RETURN(const std::string bytes, chains_->Get(sender));
  Chain chain;
  if (!Chain::Decode(bytes, &chain)) return Damaged("chain of " + sender);
  return chain;
}

}  // namespace kpr
