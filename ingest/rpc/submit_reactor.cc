#include "ingest/rpc/submit_reactor.h"

#include <grpcpp/alarm.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "access/call_guard.h"
#include "access/grpc_status.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "ingest/rpc/batch_codec.h"

namespace kpr {
namespace {

using Steady = std::chrono::steady_clock;
constexpr uint32_t kDiskRetryMs = 1000, kBusyRetryMs = 100;

// The log's thread and the drain reach the reactor too, and gRPC does not wait for them before OnDone: so the
// reactor is shared, and whoever still holds it finds it finished, never gone.
class SubmitReactor : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                      public std::enable_shared_from_this<SubmitReactor> {
 public:
  SubmitReactor(IngestService* service, grpc::CallbackServerContext* context)
      : service_(service),
        options_(service->options()),
        context_(context),
        principal_(PrincipalOf(*context)) {}

  void Begin() {
    self_ = shared_from_this();
    drain_listener_ = options_.admission->AddDrainListener([weak = weak_from_this()] {
      if (const auto reactor = weak.lock()) reactor->OnDrain();
    });
    if (const Status status = Open(); !status.ok()) {
      options_.probe->CallRefused();
      const MutexLock lock(mutex_);
      end_ = ToGrpc(status);
      return MaybeFinish();
    }
    const MutexLock lock(mutex_);
    deadline_ = Steady::now() + options_.first_batch_within;
    WatchDeadline();
    reading_ = true;
    StartRead(&bytes_);
  }

  void OnReadDone(bool ok) override {
    bool submit = false;
    {
      const MutexLock lock(mutex_);
      reading_ = false;
      submit = submitting_ = ok && !end_;
      deadline_ = Steady::now() + options_.idle;
      if (!ok && !end_) end_ = grpc::Status::OK;  // the sender has said all
    }
    if (submit) SubmitRead();
    const MutexLock lock(mutex_);
    submitting_ = false;
    MaybeReadOn();
    MaybeFinish();
  }

  void OnWriteDone(bool ok) override {
    const MutexLock lock(mutex_);
    writing_ = false;
    answers_.pop_front();
    if (!ok && !end_) end_ = grpc::Status(grpc::StatusCode::CANCELLED, "the sender is gone");
    WriteNext();
    MaybeReadOn();
    MaybeFinish();
  }

  void OnCancel() override {
    const MutexLock lock(mutex_);
    if (!end_) end_ = grpc::Status(grpc::StatusCode::CANCELLED, "the sender is gone");
    MaybeFinish();
  }

  void OnDone() override {
    options_.admission->RemoveDrainListener(drain_listener_);
    {
      const MutexLock lock(mutex_);
      idle_alarm_.Cancel();
    }
    if (session_) options_.probe->StreamClosed();
    if (!counted_as_.empty()) options_.admission->ReleaseSender(counted_as_);
    if (opened_) options_.admission->ReleaseStream();
    self_.reset();  // the end of *this, unless another thread holds it
  }

 private:
  struct Answer {
    bool ready = false;
    grpc::ByteBuffer receipt;
  };

  // Takes a place, and one of the principal's own: who holds many of them holds no one else's.
  Status Open() {
    if (!options_.submit) return FailedPrecondition("this node takes no events: send them to an ingest node");
    // On loopback the first batch says who sends.
    if (principal_ != kLoopback) KPR_RETURN_IF_ERROR(CountAs(principal_));
    KPR_RETURN_IF_ERROR(options_.admission->AcquireStream());
    opened_ = true;
    return {};
  }

  Status CountAs(const std::string& sender) {
    KPR_RETURN_IF_ERROR(options_.admission->AcquireSender(sender));
    counted_as_ = sender;
    return {};
  }

  // The alarm does not hold the reactor: OnDone ends both.
  void WatchDeadline() KPR_REQUIRES(mutex_) {
    const auto at = std::chrono::system_clock::now() + (deadline_ - Steady::now());
    idle_alarm_.Set(at, [weak = weak_from_this()](bool fired) {
      const auto reactor = fired ? weak.lock() : nullptr;
      if (reactor != nullptr) reactor->OnAlarm();
    });
  }

  void OnAlarm() {
    if (!IsOverdue()) return;
    // Its receipts are not read. Without the mutex, as gRPC may tell of the end at once; until the stream is
    // finished, which waits for this, gRPC keeps the context.
    context_->TryCancel();
    const MutexLock lock(mutex_);
    cancelling_ = false;
    MaybeFinish();
  }

  // False also where the stream ends by itself.
  bool IsOverdue() {
    const MutexLock lock(mutex_);
    if (finished_) return false;
    if (in_flight_ > 0) deadline_ = Steady::now() + options_.idle;  // the log is slow, not the sender
    if (Steady::now() < deadline_) {
      WatchDeadline();
      return false;
    }
    if (end_ || !reading_ || !answers_.empty()) return cancelling_ = true;
    end_ = {grpc::StatusCode::DEADLINE_EXCEEDED,
            "no batch has come for too long; open another stream for the next"};
    MaybeFinish();
    return false;
  }

  void OnDrain() {
    const MutexLock lock(mutex_);
    if (!end_)
      end_ = ToGrpc(Unavailable("the server is draining; what has a receipt is kept, resume elsewhere"));
    MaybeFinish();
  }

  // A batch has been read. The session is only ever used by the read that is under way.
  void SubmitRead() {
    const auto head = ReadBatchHead(&bytes_);
    if (!head) return EndWith(NotABatch());
    if (!session_ && !OpenSession(head->sender)) return;
    const auto grant = options_.authorizer->SenderGrant(principal_);
    if (grant == nullptr) return EndWith(NoLongerGranted());
    const uint64_t bytes = bytes_.Length();
    options_.probe->BatchReceived(bytes);
    const auto began = Steady::now();
    RememberKept();
    if (const auto receipt = NotNow(*head)) return AnswerAtOnce(*receipt);
    if (!options_.admission->ReserveBytes(bytes))
      return AnswerAtOnce(RetryLater(head->batch, kBusyRetryMs, "too many batches wait to be durable"));
    const auto prepared = Prepare(*grant);
    if (prepared == nullptr || prepared->append.empty()) {
      options_.admission->ReleaseBytes(bytes);
      return prepared == nullptr ? EndWith(NotABatch()) : AnswerAtOnce(prepared->receipt);
    }
    service_->AddTick(prepared->data_day, &prepared->append);
    LogBatch append = std::move(prepared->append);
    options_.log->Append(std::move(append), [self = shared_from_this(), answer = NewAnswer(), prepared, began,
                                             bytes](const Status& status) {
      self->options_.admission->ReleaseBytes(bytes);
      self->Durable(status, answer, prepared.get(),
                    std::chrono::duration<double>(Steady::now() - began).count());
    });
  }

  static grpc::Status NotABatch() {
    return {grpc::StatusCode::INVALID_ARGUMENT, "the message is not a kpr.v1.EventBatch"};
  }

  grpc::Status NoLongerGranted() const {
    const Decision refused = options_.authorizer->Refuse(
        principal_, "kpr.v1.Ingest/SubmitEvents", "the policy no longer lets the sender submit events");
    return {grpc::StatusCode::PERMISSION_DENIED, refused.rule};
  }

  // What was durable before this batch was read is known when it is judged.
  void RememberKept() {
    const MutexLock lock(mutex_);
    for (PreparedBatch& kept : kept_) session_->RememberDurable(kept);
    kept_.clear();
  }

  // The receipt of a batch that is not looked into.
  std::optional<v1::Receipt> NotNow(const BatchHead& head) {
    if (head.events > limits::kBatchEvents) return RefusedBatch(head.batch, head.events);
    const uint32_t delay = options_.admission->Delay(session_->sender(), head.events);
    if (delay == 0) return std::nullopt;
    return RetryLater(head.batch, delay, "the sender's events per second are used up");
  }

  void EndWith(grpc::Status status) {
    const MutexLock lock(mutex_);
    if (!end_) end_ = std::move(status);
  }

  // None: the bytes only begin like a batch.
  std::shared_ptr<PreparedBatch> Prepare(const Grant& grant) {
    if (!ParseBatch(&bytes_, &batch_)) return nullptr;
    const auto instruments = options_.instruments->Get();
    return std::make_shared<PreparedBatch>(
        session_->Prepare(batch_, {grant, *instruments}, options_.clock->UnixMillis()));
  }

  bool OpenSession(const std::string& claimed) {
    const auto sender = SenderName(principal_, claimed);
    Status status = sender.status();
    if (sender.ok() && counted_as_.empty()) status = CountAs(*sender);
    if (status.ok()) {
      session_.emplace(SessionContext{options_.pseudonymizer, options_.log->partitions()}, *sender);
      options_.probe->StreamOpened();
      return true;
    }
    options_.probe->CallRefused();
    const MutexLock lock(mutex_);
    end_ = ToGrpc(status);
    return false;
  }

  // From the log's thread.
  void Durable(const Status& status, Answer* answer, PreparedBatch* prepared, double seconds) {
    const MutexLock lock(mutex_);
    if (status.ok()) {
      service_->TickDurable(prepared->data_day);
      const v1::Receipt& receipt = prepared->receipt;
      const uint64_t refused = static_cast<uint64_t>(receipt.results_size()) - receipt.duplicates();
      options_.probe->BatchDurable(receipt.accepted(), receipt.duplicates(), refused, seconds);
      answer->receipt = ToBytes(receipt);
      kept_.push_back(std::move(*prepared));
    } else {
      options_.probe->BatchThrottled();
      answer->receipt = ToBytes(RetryLater(prepared->receipt.batch(), kDiskRetryMs, status.message()));
    }
    answer->ready = true;
    --in_flight_;
    WriteNext();
    MaybeReadOn();
    MaybeFinish();
  }

  // One that the log will fill.
  Answer* NewAnswer() {
    const MutexLock lock(mutex_);
    ++in_flight_;
    return &answers_.emplace_back();
  }

  // An answer that waits for nothing.
  void AnswerAtOnce(const v1::Receipt& receipt) {
    if (receipt.state() == v1::Receipt::STATE_RETRY_LATER) options_.probe->BatchThrottled();
    const MutexLock lock(mutex_);
    answers_.push_back({true, ToBytes(receipt)});
    WriteNext();
  }

  void MaybeReadOn() KPR_REQUIRES(mutex_) {
    if (reading_ || submitting_ || end_ || answers_.size() >= static_cast<size_t>(limits::kBatchesInFlight))
      return;
    reading_ = true;
    StartRead(&bytes_);
  }

  void WriteNext() KPR_REQUIRES(mutex_) {
    if (writing_ || finished_ || answers_.empty() || !answers_.front().ready) return;
    writing_ = true;
    StartWrite(&answers_.front().receipt);
  }

  void MaybeFinish() KPR_REQUIRES(mutex_) {
    if (finished_ || cancelling_ || !end_ || submitting_ || in_flight_ > 0 || writing_) return;
    const bool owes = !answers_.empty() && end_->error_code() != grpc::StatusCode::CANCELLED;
    if (owes) return;
    finished_ = true;
    Finish(*end_);
  }

  IngestService* service_;
  const IngestServiceOptions& options_;
  grpc::CallbackServerContext* context_;  // gRPC's, until OnDone
  const std::string principal_;
  std::shared_ptr<SubmitReactor> self_;  // gRPC's hold on it
  uint64_t drain_listener_ = 0;
  bool opened_ = false;
  std::string counted_as_;  // whose streams this is one of; empty: not counted yet
  grpc::ByteBuffer bytes_;
  v1::EventBatch batch_;
  std::optional<SubmitSession> session_;

  Mutex mutex_;
  grpc::Alarm idle_alarm_ KPR_GUARDED_BY(mutex_);
  Steady::time_point deadline_ KPR_GUARDED_BY(mutex_);  // of the batch that is waited for
  std::deque<Answer> answers_ KPR_GUARDED_BY(mutex_);   // by batch; deque: the log holds pointers to them
  std::vector<PreparedBatch> kept_ KPR_GUARDED_BY(mutex_);
  int in_flight_ KPR_GUARDED_BY(mutex_) = 0;
  bool reading_ KPR_GUARDED_BY(mutex_) = false;     // a read is under way
  bool submitting_ KPR_GUARDED_BY(mutex_) = false;  // what it gave is being judged
  bool cancelling_ KPR_GUARDED_BY(mutex_) = false;  // the alarm is in TryCancel
  bool writing_ KPR_GUARDED_BY(mutex_) = false;
  bool finished_ KPR_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> end_ KPR_GUARDED_BY(mutex_);
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewSubmitReactor(
    IngestService* service, grpc::CallbackServerContext* context) {
  const auto reactor = std::make_shared<SubmitReactor>(service, context);
  reactor->Begin();
  return reactor.get();
}

}  // namespace kpr
