// The Ingest service. Submit is a callback reactor that never blocks; the other calls are rare and run on
// gRPC's own threads.
#pragma once

#include <atomic>
#include <memory>

#include "base/clock.h"
#include "base/probe.h"
#include "ingest/pseudonym/pseudonymizer.h"
#include "ingest/rpc/gate.h"
#include "ingest/session/submit_session.h"
#include "kpr/v1/ingest.grpc.pb.h"
#include "registry/apply/chain_follower.h"
#include "registry/apply/register_view.h"

namespace kpr {

struct IngestServiceOptions {
  EventLog* log = nullptr;
  const ChainFollower* chains = nullptr;
  // Of feedback and data quality; none: both are asked of another node.
  const RegisterView* view = nullptr;
  bool submit = true;  // whether events are taken
  const Pseudonymizer* pseudonymizer = nullptr;
  Gate* gate = nullptr;
  const Clock* clock = nullptr;
  Probe* probe = nullptr;
};

class IngestService : public v1::Ingest::WithCallbackMethod_Submit<v1::Ingest::Service> {
 public:
  explicit IngestService(IngestServiceOptions options);

  grpc::ServerBidiReactor<v1::EventBatch, v1::Receipt>* Submit(grpc::CallbackServerContext* context) override;
  grpc::Status Standing(grpc::ServerContext* context, const v1::StandingRequest* request,
                        v1::StandingResponse* response) override;
  grpc::Status Feedback(grpc::ServerContext* context, const v1::FeedbackRequest* request,
                        grpc::ServerWriter<v1::FeedbackItem>* writer) override;
  grpc::Status DataQuality(grpc::ServerContext* context, const v1::DataQualityRequest* request,
                           v1::DataQualityReport* report) override;

  // Adds a tick to the batch where the data reach a calendar day that is not known to be in the log.
  void AddTick(Date data_day, LogBatch* batch);
  // The batch that held the tick, if any, is durable.
  void TickDurable(Date data_day);
  const IngestServiceOptions& options() const { return options_; }

 private:
  IngestServiceOptions options_;
  std::atomic<int32_t> horizon_days_ = 0;  // durable, told by this node
  std::atomic<int> followers_ = 0;
};

}  // namespace kpr
