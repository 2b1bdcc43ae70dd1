#include "ingest/rpc/ingest_service.h"

#include <future>

#include "access/call_guard.h"
#include "access/grpc_status.h"
#include "base/limits.h"
#include "ingest/feedback/report.h"
#include "ingest/rpc/message.h"
#include "ingest/rpc/submit_reactor.h"
#include "kpr/v1/log.pb.h"

namespace kpr {
namespace {

constexpr std::chrono::seconds kChainWait{10};
constexpr std::chrono::milliseconds kFollowWait{500}, kCancelledWait{100};

// Counts a findings stream while it is open.
class StreamPermit {
 public:
  StreamPermit(std::atomic<int>* taken, AdmissionController* admission, const std::string& sender)
      : taken_(taken), admission_(admission), sender_(sender), status_(admission->AcquireSender(sender)) {
    acquired_ = status_.ok();
    if (++*taken_ > limits::kFindingWatchers && acquired_)
      status_ = ResourceExhausted("too many findings streams are open; retry later");
  }
  ~StreamPermit() {
    --*taken_;
    if (acquired_) admission_->ReleaseSender(sender_);
  }
  const Status& status() const { return status_; }

 private:
  std::atomic<int>* taken_;
  AdmissionController* admission_;
  std::string sender_;
  Status status_;
  bool acquired_ = false;
};

// A message's place, and what it may take of memory and of the sender's events, from before it is looked into
// until the log is done with it.
class MessagePermit {
 public:
  // `admission` outlives the log.
  MessagePermit(AdmissionController* admission, const std::string& sender, size_t message_bytes)
      : admission_(admission), sender_(sender), bytes_(2 * message_bytes) {
    status_ = Acquire(message_bytes / kRowBytes + 1);
  }
  ~MessagePermit() {
    if (counted_) admission_->ReleaseMessage();
    if (reserved_) admission_->ReleaseBytes(bytes_);
    if (acquired_) admission_->ReleaseSender(sender_);
  }
  MessagePermit(const MessagePermit&) = delete;
  MessagePermit& operator=(const MessagePermit&) = delete;
  const Status& status() const { return status_; }

 private:
  static constexpr size_t kRowBytes = 400;  // a usual notification has more

  Status Acquire(size_t events) {
    KPR_RETURN_IF_ERROR(admission_->AcquireMessage());
    counted_ = true;
    KPR_RETURN_IF_ERROR(admission_->AcquireSender(sender_));
    acquired_ = true;
    if (admission_->Delay(sender_, events) > 0)
      return ResourceExhausted("the sender's events per second are used up; retry later");
    reserved_ = admission_->ReserveBytes(bytes_);
    return reserved_ ? Status() : ResourceExhausted("too many batches wait to be durable; retry later");
  }

  AdmissionController* admission_;
  const std::string sender_;
  const uint64_t bytes_;
  bool counted_ = false, acquired_ = false, reserved_ = false;
  Status status_;
};

Result<std::string> SenderOf(const grpc::ServerContext& context, const std::string& claimed) {
  return SenderName(PrincipalOf(context), claimed);
}

// Whose findings the sender reads: its own and, by the policy, those of the sender it continues.
std::string OwnerOf(const IngestServiceOptions& options, const grpc::ServerContext& context,
                    const std::string& sender) {
  const auto grant = options.authorizer->SenderGrant(PrincipalOf(context));
  return grant == nullptr || grant->continues.empty() ? sender : grant->continues;
}

}  // namespace

IngestService::IngestService(IngestServiceOptions options) : options_(options) {}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* IngestService::SubmitEvents(
    grpc::CallbackServerContext* context) {
  return NewSubmitReactor(this, context);
}

// Ticks are idempotent: that several batches, or several nodes, append the same day is harmless.
void IngestService::AddTick(Date data_day, LogBatch* batch) {
  if (data_day.days <= horizon_days_) return;
  v1::LogRecord record;
  record.mutable_tick()->set_horizon_days(data_day.days);
  const std::string bytes = record.SerializeAsString();
  for (uint32_t partition = 0; partition < options_.log->partitions(); ++partition)
    batch->Add(partition, bytes);
}

void IngestService::TickDurable(Date data_day) {
  int32_t known = horizon_days_;
  while (known < data_day.days && !horizon_days_.compare_exchange_weak(known, data_day.days)) continue;
}

Status IngestService::CanRead() const {
  if (options_.registry == nullptr)
    return Unavailable("this node only takes events: ask a query node (kpr ... --server)");
  return options_.registry->Ready();
}

grpc::Status IngestService::GetSubmissionState(grpc::ServerContext* context,
                                               const v1::GetSubmissionStateRequest* request,
                                               v1::SubmissionState* response) {
  const auto sender = SenderOf(*context, request->sender());
  if (!sender.ok()) return ToGrpc(sender.status());
  const auto chain = options_.chains->SenderChain(*sender, kChainWait);
  if (!chain.ok()) return ToGrpc(chain.status());
  *response = SubmissionStateOf(*chain);
  return grpc::Status::OK;
}

Status IngestService::AppendClosedGap(const grpc::ServerContext& context, const std::string& sender,
                                      const v1::CloseChainGapsRequest& request) {
  if (!options_.submit)
    return Unavailable("this node takes no events: ask an ingest node (kpr ... --server)");
  if (options_.admission->draining()) return Unavailable("the server is draining; retry");
  if (request.before_sequence() > limits::kSequence || request.before_sequence() <= request.after_sequence())
    return Invalid(
        "before_sequence: expected a sequence above after_sequence, as the gaps of the submission state");
  KPR_ASSIGN_OR_RETURN(const Chain chain, options_.chains->SenderChain(sender, kChainWait));
  // What has not come yet is no gap, and may be one later.
  if (chain.runs().empty() || request.before_sequence() > chain.runs().back().last_sequence)
    return Invalid(
        "before_sequence: nothing with so high a sequence has come; name a gap of the submission state");
  if (options_.admission->Delay(sender, 1) > 0)
    return ResourceExhausted("more than the sender may send; retry later");
  v1::ChainRecord record;
  record.set_sender(sender);
  v1::ClosedGap* gap = record.add_closed_gaps();
  gap->set_after_sequence(request.after_sequence());
  gap->set_before_sequence(request.before_sequence());
  LogBatch batch;
  batch.Add(options_.log->senders_stream(), record.SerializeAsString(), sender);
  return AppendAndWait(context, std::move(batch), nullptr);
}

Status IngestService::AppendAndWait(const grpc::ServerContext& context, LogBatch batch,
                                    std::shared_ptr<void> held) {
  // The log may be away for longer than the caller waits, so what it tells may come to nobody.
  const auto durable = std::make_shared<std::promise<Status>>();
  std::future<Status> told = durable->get_future();
  options_.log->Append(std::move(batch),
                       [durable, held](const Status& status) { durable->set_value(status); });
  held.reset();
  const auto end = std::chrono::steady_clock::now() + kChainWait;
  while (told.wait_for(kCancelledWait) != std::future_status::ready) {
    if (context.IsCancelled() || std::chrono::steady_clock::now() > end)
      return Unavailable("the log does not answer; what was asked for may be done all the same: retry");
  }
  return told.get();
}

grpc::Status IngestService::CloseChainGaps(grpc::ServerContext* context,
                                           const v1::CloseChainGapsRequest* request,
                                           v1::SubmissionState* response) {
  const auto sender = SenderOf(*context, request->sender());
  if (!sender.ok()) return ToGrpc(sender.status());
  if (const Status acquired = options_.admission->AcquireSender(*sender); !acquired.ok())
    return ToGrpc(acquired);
  const Status closed = AppendClosedGap(*context, *sender, *request);
  options_.admission->ReleaseSender(*sender);
  if (!closed.ok()) return ToGrpc(closed);
  const auto chain = options_.chains->SenderChain(*sender, kChainWait);
  if (!chain.ok()) return ToGrpc(chain.status());
  *response = SubmissionStateOf(*chain);
  return grpc::Status::OK;
}

Status IngestService::AcceptMessage(const grpc::ServerContext& context, const std::string& sender,
                                    const v1::SubmitMessageRequest& request, std::shared_ptr<void> held,
                                    v1::MessageReceipt* receipt) {
  const auto grant = options_.authorizer->SenderGrant(PrincipalOf(context));
  if (grant == nullptr) return Unavailable("the policy has just been replaced; retry");
  const auto began = std::chrono::steady_clock::now();
  options_.probe->BatchReceived(request.message().size());
  receipt->set_message_id(request.message_id());
  receipt->set_reference_id(options_.pseudonymizer->LocalId(sender, request.message()));
  const MessageBatch message = ReadMessage(request, receipt);
  if (receipt->outcome() == v1::MessageReceipt::OUTCOME_REFUSED) return {};
  SubmitSession session({options_.pseudonymizer, options_.log->partitions()}, sender);
  const auto instruments = options_.instruments->Get();
  PreparedBatch prepared =
      session.Prepare(message.events, {*grant, *instruments}, options_.clock->UnixMillis());
  if (!prepared.append.empty()) {
    AddTick(prepared.data_day, &prepared.append);
    KPR_RETURN_IF_ERROR(AppendAndWait(context, std::move(prepared.append), std::move(held)));
    TickDurable(prepared.data_day);
  }
  AddReceipt(prepared.receipt, message.lines, receipt);
  options_.probe->BatchDurable(
      receipt->accepted(), receipt->duplicates(), receipt->refused(),
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return {};
}

grpc::Status IngestService::SubmitMessage(grpc::ServerContext* context,
                                          const v1::SubmitMessageRequest* request,
                                          v1::MessageReceipt* receipt) {
  const auto sender = SenderOf(*context, request->sender());
  if (!sender.ok()) return ToGrpc(sender.status());
  if (!options_.submit)
    return ToGrpc(Unavailable("this node takes no events: ask an ingest node (kpr ... --server)"));
  if (options_.admission->draining()) return ToGrpc(Unavailable("the server is draining; retry"));
  if (const Status accepting = options_.log->Accepting(); !accepting.ok()) return ToGrpc(accepting);
  if (request->message_id().empty() || request->message_id().size() > limits::kTextBytes)
    return ToGrpc(Invalid("message_id: expected 1 to 100 characters"));
  const auto permit = std::make_shared<MessagePermit>(options_.admission, *sender, request->message().size());
  if (!permit->status().ok()) return ToGrpc(permit->status());
  const Status accepted = AcceptMessage(*context, *sender, *request, permit, receipt);
  if (!accepted.ok()) receipt->Clear();
  return ToGrpc(accepted);
}

grpc::Status IngestService::WatchFindings(grpc::ServerContext* context,
                                          const v1::WatchFindingsRequest* request,
                                          grpc::ServerWriter<v1::FindingChange>* writer) {
  const auto sender = SenderOf(*context, request->sender());
  if (!sender.ok()) return ToGrpc(sender.status());
  if (const Status ready = CanRead(); !ready.ok()) return ToGrpc(ready);
  const StreamPermit permit(&watchers_, options_.admission, *sender);
  if (!permit.status().ok()) return ToGrpc(permit.status());
  const RegistryReader& registry = *options_.registry;
  const std::string owner = OwnerOf(options_, *context, *sender);
  auto cursor = Cursor::Parse(request->cursor(), registry.epoch(), registry.partitions());
  if (!cursor) return ToGrpc(Invalid("cursor: expected one of an earlier item, or none"));
  for (uint64_t seen = 0; !context->IsCancelled() && !options_.admission->draining();) {
    // A policy that was replaced counts for streams that are open, too.
    const Decision allowed =
        options_.authorizer->AuthorizeCall(PrincipalOf(*context), "kpr.v1.Ingest/WatchFindings");
    if (!allowed.allowed) return {grpc::StatusCode::PERMISSION_DENIED, allowed.rule};
    bool open = true;
    const Status status = ReadFindingChanges(registry, owner, &*cursor, [&](const v1::FindingChange& change) {
      open = writer->Write(change);
      return open;
    });
    if (!status.ok()) return ToGrpc(status);
    if (!open || !request->follow()) return grpc::Status::OK;
    seen = registry.WaitForChange(seen, kFollowWait);
  }
  return options_.admission->draining() ? ToGrpc(Unavailable("the server is draining")) : grpc::Status::OK;
}

grpc::Status IngestService::GetDataQualityReport(grpc::ServerContext* context,
                                                 const v1::GetDataQualityReportRequest* request,
                                                 v1::DataQualityReport* report) {
  if (const Status ready = CanRead(); !ready.ok()) return ToGrpc(ready);
  if (!request->municipality().empty()) {
    const auto municipality = Municipality::Parse(request->municipality());
    if (!municipality) return ToGrpc(Invalid("municipality: expected four digits"));
    const grpc::Status allowed = CheckMunicipality(*options_.authorizer, *context,
                                                   "kpr.v1.Ingest/GetDataQualityReport", *municipality);
    if (!allowed.ok()) return allowed;
    return Answer(MakeMunicipalityReport(*options_.registry, *municipality), report);
  }
  const std::string principal = PrincipalOf(*context);
  if (options_.authorizer->SenderGrant(principal) == nullptr) {
    return {grpc::StatusCode::PERMISSION_DENIED,
            options_.authorizer
                ->Refuse(principal, "kpr.v1.Ingest/GetDataQualityReport",
                         "a reader names the municipality: only a sender has a report of its own")
                .rule};
  }
  const auto sender = SenderOf(*context, request->sender());
  if (!sender.ok()) return ToGrpc(sender.status());
  const auto chain = options_.chains->SenderChain(*sender, kChainWait);
  if (!chain.ok()) return ToGrpc(chain.status());
  return Answer(MakeDataQualityReport(*options_.registry, OwnerOf(options_, *context, *sender), *chain),
                report);
}

grpc::Status IngestService::ListFindings(grpc::ServerContext* context, const v1::ListFindingsRequest* request,
                                         v1::ListFindingsResponse* response) {
  const auto sender = SenderOf(*context, request->sender());
  if (!sender.ok()) return ToGrpc(sender.status());
  if (const Status ready = CanRead(); !ready.ok()) return ToGrpc(ready);
  return Answer(kpr::ListFindings(*options_.registry, *request, OwnerOf(options_, *context, *sender)),
                response);
}

}  // namespace kpr
