#include "ingest/rpc/submit_reactor.h"

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "access/call_guard.h"
#include "access/grpc_status.h"
#include "base/limits.h"

namespace kpr {
namespace {

using Steady = std::chrono::steady_clock;
constexpr uint32_t kDiskRetryMs = 1000, kBusyRetryMs = 100;

// The log's thread and the drain reach the reactor too, and gRPC does not wait for them before OnDone: so the
// reactor is shared, and whoever still holds it finds it finished, never gone.
class SubmitReactor : public grpc::ServerBidiReactor<v1::EventBatch, v1::Receipt>,
                      public std::enable_shared_from_this<SubmitReactor> {
 public:
  SubmitReactor(IngestService* service, grpc::CallbackServerContext* context)
      : service_(service), options_(service->options()), principal_(PrincipalOf(*context)) {}

  void Begin() {
    self_ = shared_from_this();
    drain_listener_ = options_.admission->AddDrainListener([weak = weak_from_this()] {
      if (const auto reactor = weak.lock()) reactor->OnDrain();
    });
    Status status = options_.admission->AcquireStream();
    opened_ = status.ok();
    if (opened_ && !options_.submit) {
      status = FailedPrecondition("this node takes no events: send them to an ingest node");
      options_.admission->ReleaseStream();
      opened_ = false;
    }
    if (opened_) {
      reading_ = true;
      return StartRead(&batch_);
    }
    options_.probe->CallRefused();
    std::lock_guard lock(mutex_);
    end_ = ToGrpc(status);
    MaybeFinish();
  }

  void OnReadDone(bool ok) override {
    {
      std::lock_guard lock(mutex_);
      reading_ = false;
      submitting_ = ok && !end_;
      if (!ok && !end_) end_ = grpc::Status::OK;  // the sender has said all
    }
    if (submitting_) SubmitRead();
    std::lock_guard lock(mutex_);
    submitting_ = false;
    MaybeReadOn();
    MaybeFinish();
  }

  void OnWriteDone(bool ok) override {
    std::lock_guard lock(mutex_);
    writing_ = false;
    answers_.pop_front();
    if (!ok && !end_) end_ = grpc::Status(grpc::StatusCode::CANCELLED, "the sender is gone");
    WriteNext();
    MaybeReadOn();
    MaybeFinish();
  }

  void OnCancel() override {
    std::lock_guard lock(mutex_);
    if (!end_) end_ = grpc::Status(grpc::StatusCode::CANCELLED, "the sender is gone");
    MaybeFinish();
  }

  void OnDone() override {
    options_.admission->RemoveDrainListener(drain_listener_);
    if (session_) {
      options_.admission->ReleaseSender(session_->sender());
      options_.probe->StreamClosed();
    }
    if (opened_) options_.admission->ReleaseStream();
    self_.reset();  // the end of *this, unless another thread holds it
  }

 private:
  struct Answer {
    bool ready = false;
    v1::Receipt receipt;
  };

  void OnDrain() {
    std::lock_guard lock(mutex_);
    if (!end_)
      end_ = ToGrpc(Unavailable("the server is draining; what has a receipt is kept, resume elsewhere"));
    MaybeFinish();
  }

  // A batch has been read. The session is only ever used by the read that is under way.
  void SubmitRead() {
    if (!session_ && !OpenSession()) return;
    const auto grant = options_.authorizer->SenderGrant(principal_);
    if (grant == nullptr)
      return EndWith({grpc::StatusCode::PERMISSION_DENIED,
                      options_.authorizer
                          ->Refuse(principal_, "kpr.v1.Ingest/SubmitEvents",
                                   "the policy no longer lets the sender submit events")
                          .rule});
    options_.probe->BatchReceived(batch_.ByteSizeLong());
    const auto began = Steady::now();
    Answer* answer;
    {
      std::lock_guard lock(mutex_);
      answer = &answers_.emplace_back();
      ++in_flight_;
    }
    const auto events = static_cast<uint64_t>(batch_.events_size());
    if (const uint32_t delay = options_.admission->Delay(session_->sender(), events); delay > 0) {
      return AnswerAtOnce(answer,
                          RetryLater(batch_.batch(), delay, "the sender's events per second are used up"));
    }
    const uint64_t bytes = batch_.ByteSizeLong();
    if (!options_.admission->ReserveBytes(bytes)) {
      return AnswerAtOnce(answer,
                          RetryLater(batch_.batch(), kBusyRetryMs, "too many batches wait to be durable"));
    }
    auto prepared =
        std::make_shared<PreparedBatch>(session_->Prepare(batch_, *grant, options_.clock->UnixMillis()));
    if (prepared->append.empty()) {
      options_.admission->ReleaseBytes(bytes);
      return AnswerAtOnce(answer, std::move(prepared->receipt));
    }
    service_->AddTick(prepared->data_day, &prepared->append);
    LogBatch append = std::move(prepared->append);
    options_.log->Append(std::move(append),
                         [self = shared_from_this(), answer, prepared, began, bytes](const Status& status) {
                           self->options_.admission->ReleaseBytes(bytes);
                           self->Durable(status, answer, prepared.get(),
                                         std::chrono::duration<double>(Steady::now() - began).count());
                         });
  }

  void EndWith(grpc::Status status) {
    std::lock_guard lock(mutex_);
    if (!end_) end_ = std::move(status);
  }

  bool OpenSession() {
    const auto sender = SenderName(principal_, batch_.sender());
    Status status = sender.status();
    if (sender.ok()) status = options_.admission->AcquireSender(*sender);
    if (status.ok()) {
      session_.emplace(SessionContext{options_.pseudonymizer, options_.log->partitions()}, *sender);
      options_.probe->StreamOpened();
      return true;
    }
    options_.probe->CallRefused();
    std::lock_guard lock(mutex_);
    end_ = ToGrpc(status);
    return false;
  }

  // From the log's thread.
  void Durable(const Status& status, Answer* answer, PreparedBatch* prepared, double seconds) {
    std::lock_guard lock(mutex_);
    if (status.ok()) {
      service_->TickDurable(prepared->data_day);
      v1::Receipt& receipt = prepared->receipt;
      const uint64_t refused = static_cast<uint64_t>(receipt.results_size()) - receipt.duplicates();
      options_.probe->BatchDurable(receipt.accepted(), receipt.duplicates(), refused, seconds);
      answer->receipt = std::move(receipt);
      kept_.push_back(std::move(*prepared));
    } else {
      options_.probe->BatchThrottled();
      answer->receipt = RetryLater(prepared->receipt.batch(), kDiskRetryMs, status.message());
    }
    answer->ready = true;
    --in_flight_;
    WriteNext();
    MaybeReadOn();
    MaybeFinish();
  }

  // An answer that waits for nothing.
  void AnswerAtOnce(Answer* answer, v1::Receipt receipt) {
    std::lock_guard lock(mutex_);
    if (receipt.state() == v1::Receipt::STATE_RETRY_LATER) options_.probe->BatchThrottled();
    answer->receipt = std::move(receipt);
    answer->ready = true;
    --in_flight_;
    WriteNext();
  }

  // The rest is called with the mutex held.
  void MaybeReadOn() {
    if (reading_ || submitting_ || end_ || answers_.size() >= static_cast<size_t>(limits::kBatchesInFlight))
      return;
    for (PreparedBatch& kept : kept_) session_->RememberDurable(kept);
    kept_.clear();
    reading_ = true;
    StartRead(&batch_);
  }

  void WriteNext() {
    if (writing_ || finished_ || answers_.empty() || !answers_.front().ready) return;
    writing_ = true;
    StartWrite(&answers_.front().receipt);
  }

  void MaybeFinish() {
    if (finished_ || !end_ || submitting_ || in_flight_ > 0 || writing_) return;
    const bool owes = !answers_.empty() && end_->error_code() != grpc::StatusCode::CANCELLED;
    if (owes) return;
    finished_ = true;
    Finish(*end_);
  }

  IngestService* service_;
  const IngestServiceOptions& options_;
  const std::string principal_;
  std::shared_ptr<SubmitReactor> self_;  // gRPC's hold on it
  uint64_t drain_listener_ = 0;
  bool opened_ = false;
  v1::EventBatch batch_;
  std::optional<SubmitSession> session_;

  std::mutex mutex_;            // guards what follows
  std::deque<Answer> answers_;  // by batch; deque: the log holds pointers to them
  std::vector<PreparedBatch> kept_;
  int in_flight_ = 0;
  bool reading_ = false;     // a read is under way
  bool submitting_ = false;  // what it gave is being judged
  bool writing_ = false, finished_ = false;
  std::optional<grpc::Status> end_;
};

}  // namespace

grpc::ServerBidiReactor<v1::EventBatch, v1::Receipt>* NewSubmitReactor(IngestService* service,
                                                                       grpc::CallbackServerContext* context) {
  const auto reactor = std::make_shared<SubmitReactor>(service, context);
  reactor->Begin();
  return reactor.get();
}

}  // namespace kpr
