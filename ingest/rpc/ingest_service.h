// The Ingest service. SubmitEvents is a callback reactor that never blocks and takes batches as bytes, so
// that one is counted before it is built; the other calls are rare and run on gRPC's own threads. Who may
// call is decided before a handler runs (access/call_guard.h).
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "access/authorizer.h"
#include "base/clock.h"
#include "base/probe.h"
#include "base/swappable.h"
#include "ingest/admission/admission_controller.h"
#include "ingest/session/submit_session.h"
#include "ingest/validation/instruments.h"
#include "kpr/v1/ingest.grpc.pb.h"
#include "registry/pseudonym/pseudonymizer.h"
#include "registry/read/registry_reader.h"
#include "registry/sender_chain/chain_reader.h"

namespace kpr {

struct IngestServiceOptions {
  EventLog* log = nullptr;
  const ChainReader* chains = nullptr;
  // For findings and data quality; none: another node answers those.
  const RegistryReader* registry = nullptr;
  bool submit = true;  // whether events are taken
  const Pseudonymizer* pseudonymizer = nullptr;
  const Authorizer* authorizer = nullptr;
  AdmissionController* admission = nullptr;  // outlives the log as well
  const Clock* clock = nullptr;
  Probe* probe = nullptr;
  const Swappable<Instruments>* instruments = nullptr;
  // How long an open stream may be silent, before its first batch and between two.
  std::chrono::seconds first_batch_within{30}, idle{600};
};

class IngestService : public v1::Ingest::WithRawCallbackMethod_SubmitEvents<v1::Ingest::Service> {
 public:
  explicit IngestService(IngestServiceOptions options);

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SubmitEvents(
      grpc::CallbackServerContext* context) override;
  grpc::Status SubmitMessage(grpc::ServerContext* context, const v1::SubmitMessageRequest* request,
                             v1::MessageReceipt* receipt) override;
  grpc::Status GetSubmissionState(grpc::ServerContext* context, const v1::GetSubmissionStateRequest* request,
                                  v1::SubmissionState* response) override;
  grpc::Status CloseChainGaps(grpc::ServerContext* context, const v1::CloseChainGapsRequest* request,
                              v1::SubmissionState* response) override;
  grpc::Status WatchFindings(grpc::ServerContext* context, const v1::WatchFindingsRequest* request,
                             grpc::ServerWriter<v1::FindingChange>* writer) override;
  grpc::Status GetDataQualityReport(grpc::ServerContext* context,
                                    const v1::GetDataQualityReportRequest* request,
                                    v1::DataQualityReport* report) override;
  grpc::Status ListFindings(grpc::ServerContext* context, const v1::ListFindingsRequest* request,
                            v1::ListFindingsResponse* response) override;

  // Adds a tick to the batch where the data reach a calendar day that is not known to be in the log.
  void AddTick(Date data_day, LogBatch* batch);
  // The batch that held the tick, if any, is durable.
  void TickDurable(Date data_day);
  const IngestServiceOptions& options() const { return options_; }

 private:
  // kUnavailable where another node must be asked.
  Status CanRead() const;
  // Waits until the batch is durable, for ten seconds at most. `held` is let go when the log is done with the
  // batch, which may be later.
  Status AppendAndWait(const grpc::ServerContext& context, LogBatch batch, std::shared_ptr<void> held);
  Status AppendClosedGap(const grpc::ServerContext& context, const std::string& sender,
                         const v1::CloseChainGapsRequest& request);

  Status AcceptMessage(const grpc::ServerContext& context, const std::string& sender,
                       const v1::SubmitMessageRequest& request, std::shared_ptr<void> held,
                       v1::MessageReceipt* receipt);

  IngestServiceOptions options_;
  std::atomic<int32_t> horizon_days_ = 0;  // durable ticks of this node
  std::atomic<int> watchers_ = 0;
};

}  // namespace kpr
