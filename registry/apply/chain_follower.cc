#include "registry/apply/chain_follower.h"

#include <fmt/format.h>

#include <cstring>
#include <map>

#include "kpr/v1/log.pb.h"

namespace kpr {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kIdleWait{200};  // how long a stop may wait
constexpr size_t kReadBatchBytes = 8u << 20;

Uuid ToUuid(const std::string& bytes) {
  Uuid id;
  if (bytes.size() == 16) std::memcpy(id.bytes.data(), bytes.data(), 16);
  return id;
}

}  // namespace

std::string ChainDirectory(const std::string& registry) {
  return registry + "/chains";
}

Result<std::unique_ptr<ChainFollower>> ChainFollower::Open(const std::string& directory, EventLog* log,
                                                           const SpaceGuard* space_guard) {
  std::unique_ptr<ChainFollower> follower(new ChainFollower(log, space_guard));
  KPR_ASSIGN_OR_RETURN(follower->store_, OpenChainStore(directory));
  return follower;
}

void ChainFollower::Start() {
  thread_ = std::thread([this] {
    while (!stopping_) {
      const Status status = Step();
      {
        const MutexLock lock(mutex_);
        error_ = status;
      }
      if (!status.ok()) std::this_thread::sleep_for(kIdleWait);
    }
  });
}

void ChainFollower::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

Status ChainFollower::error() const {
  const MutexLock lock(mutex_);
  return error_;
}

Status ChainFollower::Step() {
  const uint32_t stream = log_->senders_stream();
  const uint64_t position = store_->next_offset();
  if (log_->WaitBeyond(stream, position, kIdleWait) <= position) return {};
  if (space_guard_ != nullptr) KPR_RETURN_IF_ERROR(space_guard_->CheckApply());
  KPR_ASSIGN_OR_RETURN(const std::vector<LogChunk> chunks, log_->Read(stream, position, kReadBatchBytes));
  std::map<std::string, Chain> touched;
  Status status;
  v1::ChainRecord record;
  for (const LogChunk& chunk : chunks) {
    const bool whole = chunk.ForEach([&](uint64_t offset, std::string_view bytes) {
      if (offset < position || !status.ok()) return;
      if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        status = DataLoss(fmt::format("senders stream at offset {}", offset));
        return;
      }
      if (record.sender().empty()) return;  // how a log on Kafka begins
      const auto [it, fresh] = touched.try_emplace(record.sender());
      if (fresh) {
        const auto stored = store_->Get(record.sender());
        if (!stored.ok()) {
          status = stored.status();
          return;
        }
        if (!Chain::Decode(*stored, &it->second)) status = DataLoss("chain of " + record.sender());
      }
      for (const v1::ChainLink& link : record.links()) {
        it->second.Add({link.sequence(), ToUuid(link.event_id()), ToUuid(link.previous_event_id()),
                        Municipality{static_cast<uint16_t>(link.municipality())}, link.month() - 1});
      }
      for (const v1::DeclarationLink& link : record.declarations()) {
        it->second.Declare({ToUuid(link.original()), link.sequence(), link.annulled(),
                            Municipality{static_cast<uint16_t>(link.municipality())}, link.first_month(),
                            link.last_month(), link.events()});
      }
      for (const v1::ClosedGap& gap : record.closed_gaps())
        it->second.CloseGaps(gap.after_sequence(), gap.before_sequence());
    });
    if (!whole && status.ok()) status = DataLoss("senders stream");
  }
  KPR_RETURN_IF_ERROR(status);
  std::vector<KeyValue> puts;
  for (const auto& [sender, chain] : touched) puts.emplace_back(sender, chain.Encode());
  return store_->Write(puts, chunks.empty() ? position : chunks.back().end());
}

Result<std::vector<std::string>> ChainFollower::Senders() const {
  std::vector<std::string> names;
  KPR_RETURN_IF_ERROR(store_->Scan([&](std::string_view name, std::string_view) {
    names.emplace_back(name);
    return true;
  }));
  return names;
}

Result<Chain> ChainFollower::SenderChain(const std::string& sender, milliseconds timeout) const {
  const uint64_t end = log_->End(log_->senders_stream());
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (store_->next_offset() < end) {
    if (std::chrono::steady_clock::now() > deadline)
      return Unavailable("the senders' chains are behind; ask again");
    std::this_thread::sleep_for(milliseconds(1));
  }
  KPR_ASSIGN_OR_RETURN(const std::string bytes, store_->Get(sender));
  Chain chain;
  if (!Chain::Decode(bytes, &chain)) return DataLoss("chain of " + sender);
  return chain;
}

}  // namespace kpr
