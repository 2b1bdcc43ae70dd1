#include "ingest/client/push.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

#include "base/limits.h"
#include "base/mutex.h"
#include "ingest/client/event_source.h"
#include "kpr/v1/ingest.grpc.pb.h"

namespace kpr {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;
constexpr size_t kShownRefusals = 20;

// What all files of one push share.
struct Shared {
  const PushOptions& options;
  const std::atomic<bool>& stop;
  std::atomic<uint64_t> sent = 0, accepted = 0, duplicates = 0, refused = 0, there = 0, bytes_read = 0;
  uint64_t total_bytes = 0;  // of all files; 0: not known
  Mutex mutex;
  std::string waits_for KPR_GUARDED_BY(mutex);  // why the server takes nothing now; empty: it does
  std::ofstream receipts KPR_GUARDED_BY(mutex);
  size_t shown KPR_GUARDED_BY(mutex) = 0;
  Status failure KPR_GUARDED_BY(mutex);
};

// One file to one sender's stream. Keeps every batch until its receipt, so a cut stream is taken up again.
class FilePusher {
 public:
  FilePusher(std::string path, Shared* shared)
      : path_(std::move(path)),
        sender_(shared->options.sender.empty() ? std::filesystem::path(path_).stem().string()
                                               : shared->options.sender),
        shared_(shared) {}

  Status Run() {
    KPR_ASSIGN_OR_RETURN(const auto channel, Connect(shared_->options.client));
    stub_ = v1::Ingest::NewStub(channel);
    v1::SubmissionState durable;
    if (shared_->options.resume) {
      KPR_ASSIGN_OR_RETURN(durable, SubmissionState());
    }
    const auto take = [&](v1::Event event) -> Status {
      if (IsThere(durable, event.sequence())) {
        ++shared_->there;
        return {};
      }
      return Add(event);
    };
    const Status read =
        shared_->options.his1135 ? ReadHis1135(path_, take) : ReadNdjson(path_, &shared_->bytes_read, take);
    // What stands before a line that is no event is sent all the same.
    Status sent;
    if (read.ok() || read.code() == Code::kInvalid) {
      sent = SendBatch();
      if (sent.ok()) sent = AwaitReceipts(0);
    }
    CloseStream();
    if (read.code() != Code::kInvalid || !sent.ok() || taken_ == 0) return read.ok() ? sent : read;
    return Invalid(
        fmt::format("{}. The {} events before it are sent and have their receipts, nothing after it is: "
                    "correct it, then run again with --resume",
                    read.message(), taken_));
  }

 private:
  struct Pending {
    v1::EventBatch batch;
    std::vector<std::string> ids;
    bool written = false;
    Steady::time_point not_before{};
  };

  // Whether the server has the sequence; of more gaps than it tells, those beyond count as missing.
  static bool IsThere(const v1::SubmissionState& state, uint64_t sequence) {
    if (sequence == 0 || sequence > state.highest_sequence()) return false;
    const auto& gaps = state.missing();
    const auto next =
        std::upper_bound(gaps.begin(), gaps.end(), sequence,
                         [](uint64_t s, const v1::ChainGap& gap) { return s < gap.before_sequence(); });
    if (next != gaps.end()) return sequence <= next->after_sequence();
    return static_cast<int>(state.gaps()) == gaps.size() || gaps.empty() ||
           sequence == gaps.rbegin()->before_sequence();
  }

  Result<v1::SubmissionState> SubmissionState() {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(shared_->options.give_up_seconds));
    v1::GetSubmissionStateRequest request;
    if (Plaintext()) request.set_sender(sender_);
    v1::SubmissionState state;
    const grpc::Status status = stub_->GetSubmissionState(&context, request, &state);
    if (!status.ok())
      return FromGrpc(status, shared_->options.client.server).WithContext("submission state of " + sender_);
    return state;
  }

  bool Plaintext() const { return shared_->options.client.certificate.empty(); }

  Status Add(const v1::Event& event) {
    if (shared_->stop) return Unavailable("stopped; run again with --resume to continue");
    ++taken_;
    next_.add_events(event.SerializeAsString());
    next_ids_.push_back(event.event_id());
    next_bytes_ += next_.events(next_.events_size() - 1).size();
    const bool full = static_cast<size_t>(next_.events_size()) >= shared_->options.batch_events ||
                      next_bytes_ > limits::kBatchBytes / 2;
    return full ? SendBatch() : Status();
  }

  Status SendBatch() {
    if (next_.events().empty()) return {};
    Pending pending;
    pending.batch.Swap(&next_);
    pending.batch.set_batch(++batches_);
    if (Plaintext()) pending.batch.set_sender(sender_);
    pending.ids.swap(next_ids_);
    next_bytes_ = 0;
    shared_->sent += static_cast<uint64_t>(pending.batch.events_size());
    {
      const MutexLock lock(mutex_);
      pending_.push_back(std::move(pending));
    }
    return AwaitReceipts(limits::kBatchesInFlight - 1);
  }

  // Writes what is not written and waits until at most `left` batches lack a receipt.
  Status AwaitReceipts(size_t left) {
    auto reached = Steady::now();
    while (true) {
      if (shared_->stop) return Unavailable("stopped; run again with --resume to continue");
      if (!stream_) OpenStream();
      const std::optional<v1::EventBatch> batch = TakeUnwritten();
      if (batch && !stream_->Write(*batch)) {
        KPR_RETURN_IF_ERROR(Broken(&reached));
        continue;
      }
      bool broken = false;
      {
        const MutexLock lock(mutex_);
        KPR_RETURN_IF_ERROR(refused_);
        if (pending_.size() <= left) return {};
        if (batch) continue;
        if (!broken_) received_.WaitFor(mutex_, milliseconds(50));
        broken = broken_;
        if (progressed_ && !broken) reached = Steady::now();
        if (!broken) progressed_ = false;
      }
      if (broken) KPR_RETURN_IF_ERROR(Broken(&reached));
    }
  }

  std::optional<v1::EventBatch> TakeUnwritten() {
    const MutexLock lock(mutex_);
    for (Pending& pending : pending_) {
      if (pending.written || pending.not_before > Steady::now()) continue;
      pending.written = true;
      return pending.batch;
    }
    return std::nullopt;
  }

  void OpenStream() {
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_wait_for_ready(false);
    stream_ = stub_->SubmitEvents(context_.get());
    {
      const MutexLock lock(mutex_);
      broken_ = false;
      for (Pending& pending : pending_) pending.written = false;
    }
    reader_ = std::thread([this] { ReadReceipts(); });
  }

  void ReadReceipts() {
    v1::Receipt receipt;
    while (stream_->Read(&receipt)) HandleReceipt(receipt);
    const MutexLock lock(mutex_);
    broken_ = true;
    received_.NotifyAll();
  }

  void HandleReceipt(const v1::Receipt& receipt) {
    const MutexLock lock(mutex_);
    const auto it = std::find_if(pending_.begin(), pending_.end(),
                                 [&](const Pending& p) { return p.batch.batch() == receipt.batch(); });
    if (it == pending_.end()) return;
    if (receipt.state() == v1::Receipt::STATE_RETRY_LATER) {
      it->written = false;
      it->not_before = Steady::now() + std::chrono::seconds(receipt.retry_delay().seconds()) +
                       std::chrono::nanoseconds(receipt.retry_delay().nanos());
      progressed_ = true;
      TellWaiting(receipt.message());
      return;
    }
    TellWaiting("");
    if (receipt.state() == v1::Receipt::STATE_REFUSED && refused_.ok()) refused_ = Invalid(receipt.message());
    Count(receipt, *it);
    pending_.erase(it);
    progressed_ = true;
    received_.NotifyAll();
  }

  // On a terminal the progress line shows it; else each reason is told once.
  void TellWaiting(const std::string& why) {
    const MutexLock lock(shared_->mutex);
    if (shared_->waits_for == why) return;
    shared_->waits_for = why;
    if (why.empty() || isatty(STDERR_FILENO) != 0) return;
    std::cerr << fmt::format("{}: the server takes nothing now, and is asked again until it does: {}\n",
                             path_, why);
  }

  void Count(const v1::Receipt& receipt, const Pending& pending) {
    const MutexLock lock(shared_->mutex);
    shared_->accepted += receipt.accepted();
    shared_->duplicates += receipt.duplicates();
    std::vector<bool> refused(pending.ids.size());
    for (const v1::EventResult& result : receipt.results()) {
      if (result.outcome() != v1::EventResult::OUTCOME_REFUSED) continue;
      ++shared_->refused;
      if (result.index() < refused.size()) refused[result.index()] = true;
      if (shared_->shown++ < kShownRefusals) ShowRefusal(result);
    }
    if (!shared_->receipts.is_open()) return;
    for (size_t i = 0; i < pending.ids.size(); ++i) {
      if (!refused[i]) shared_->receipts << pending.ids[i] << '\n';
    }
    shared_->receipts.flush();
  }

  void ShowRefusal(const v1::EventResult& result) const {
    for (const v1::Violation& violation : result.violations()) {
      std::cerr << fmt::format("{}: event {} refused: {} at {}: {} / {}\n", path_, result.event_id(),
                               violation.code(), violation.field(), violation.message_nb(),
                               violation.message_en());
    }
  }

  // The stream is cut: wait a little and open another, unless the server says no for good.
  Status Broken(Steady::time_point* reached) {
    const grpc::Status status = CloseStream();
    const bool again = status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                       status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                       status.error_code() == grpc::StatusCode::CANCELLED ||
                       status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
                       status.error_code() == grpc::StatusCode::INTERNAL ||
                       status.error_code() == grpc::StatusCode::UNKNOWN;
    if (!again) return FromGrpc(status, shared_->options.client.server).WithContext(path_);
    if (Steady::now() - *reached > std::chrono::seconds(shared_->options.give_up_seconds)) {
      return FromGrpc(status.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the stream keeps ending")
                                  : status,
                      shared_->options.client.server)
          .WithContext(path_);
    }
    const auto again_at = Steady::now() + std::max(milliseconds(200), RetryDelayOf(status));
    while (Steady::now() < again_at && !shared_->stop) std::this_thread::sleep_for(milliseconds(20));
    return {};
  }

  grpc::Status CloseStream() {
    if (!stream_) return grpc::Status::OK;
    stream_->WritesDone();
    bool unfinished;
    {
      const MutexLock lock(mutex_);
      unfinished = !pending_.empty();
    }
    if (unfinished && shared_->stop) context_->TryCancel();
    reader_.join();
    const grpc::Status status = stream_->Finish();
    stream_.reset();
    return status;
  }

  std::string path_, sender_;
  Shared* shared_;
  std::unique_ptr<v1::Ingest::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::EventBatch, v1::Receipt>> stream_;
  std::thread reader_;
  v1::EventBatch next_;
  std::vector<std::string> next_ids_;
  size_t next_bytes_ = 0;
  uint64_t batches_ = 0, taken_ = 0;

  Mutex mutex_;
  ConditionVariable received_;
  std::deque<Pending> pending_ KPR_GUARDED_BY(mutex_);
  bool broken_ KPR_GUARDED_BY(mutex_) = false;
  bool progressed_ KPR_GUARDED_BY(mutex_) = false;
  Status refused_ KPR_GUARDED_BY(mutex_);  // a batch as a whole
};

// How much of the files is read, and how long the rest may take at this pace.
std::string Estimate(const Shared& shared, double seconds) {
  const uint64_t read = shared.bytes_read;
  if (shared.total_bytes == 0 || read == 0) return "";
  const double part = std::min(1.0, static_cast<double>(read) / static_cast<double>(shared.total_bytes));
  return fmt::format("  {:.0f} %, {:.0f} s left", part * 100, seconds / part - seconds);
}

void ShowProgress(Shared* shared, size_t files_done, double seconds, bool last) {
  const uint64_t done = shared->accepted + shared->duplicates + shared->refused;
  std::string waits;
  {
    const MutexLock lock(shared->mutex);
    if (!shared->waits_for.empty()) waits = "  waits: " + shared->waits_for.substr(0, 60);
  }
  std::cerr << fmt::format("\r{:>3}/{} files  {:>10} events  {:>9.0f}/s  {} refused{}{}\x1b[K", files_done,
                           shared->options.files.size(), done,
                           static_cast<double>(done) / std::max(seconds, 0.001), shared->refused.load(),
                           last ? "" : Estimate(*shared, seconds), waits);
  if (last) std::cerr << '\n';
}

uint64_t SizeOf(const PushOptions& options) {
  uint64_t bytes = 0;
  for (const std::string& file : options.files) {
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(file, error);
    if (error || options.his1135) return 0;
    bytes += size;
  }
  return bytes;
}

}  // namespace

Result<PushResult> Push(const PushOptions& options, const std::atomic<bool>& stop) {
  Shared shared{options, stop};
  shared.total_bytes = SizeOf(options);
  if (!options.receipts.empty()) {
    const MutexLock lock(shared.mutex);
    shared.receipts.open(options.receipts, std::ios::app);
    if (!shared.receipts) return Unavailable(options.receipts + ": cannot be written");
  }
  std::atomic<size_t> next = 0, done = 0;
  std::vector<std::thread> threads;
  const int parallel =
      std::clamp(options.parallel, 1, static_cast<int>(std::max<size_t>(options.files.size(), 1)));
  const auto began = Steady::now();
  for (int i = 0; i < parallel; ++i) {
    threads.emplace_back([&] {
      for (size_t at = next++; at < options.files.size(); at = next++) {
        const Status status = FilePusher(options.files[at], &shared).Run();
        ++done;
        const MutexLock lock(shared.mutex);
        if (!status.ok() && shared.failure.ok()) shared.failure = status;
      }
    });
  }
  const auto seconds = [&] { return std::chrono::duration<double>(Steady::now() - began).count(); };
  const bool show = options.progress && isatty(STDERR_FILENO) != 0;
  while (done < options.files.size()) {
    std::this_thread::sleep_for(milliseconds(50));
    if (show) ShowProgress(&shared, done, seconds(), false);
  }
  for (std::thread& thread : threads) thread.join();
  if (options.progress) ShowProgress(&shared, done, seconds(), true);
  const MutexLock lock(shared.mutex);
  if (!shared.failure.ok()) return shared.failure;
  return PushResult{shared.sent, shared.accepted, shared.duplicates, shared.refused, shared.there};
}

}  // namespace kpr
