// The Ingest service as a client under examination meets it. Thread-safe.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/mutex.h"
#include "ingest/conformance/examiner.h"
#include "kpr/v1/ingest.grpc.pb.h"

namespace kpr {

class ConformanceService : public v1::Ingest::Service {
 public:
  // Both outlive the service.
  ConformanceService(Examiner* examiner, const Clock* clock) : examiner_(examiner), clock_(clock) {}

  grpc::Status SubmitEvents(grpc::ServerContext* context,
                            grpc::ServerReaderWriter<v1::Receipt, v1::EventBatch>* stream) override;
  grpc::Status GetSubmissionState(grpc::ServerContext* context, const v1::GetSubmissionStateRequest* request,
                                  v1::SubmissionState* response) override;
  grpc::Status WatchFindings(grpc::ServerContext* context, const v1::WatchFindingsRequest* request,
                             grpc::ServerWriter<v1::FindingChange>* writer) override;
  grpc::Status ListFindings(grpc::ServerContext* context, const v1::ListFindingsRequest* request,
                            v1::ListFindingsResponse* response) override;

  std::vector<Examiner::Lesson> Report() const;
  uint64_t answered_for_good() const;

 private:
  grpc::Status Examine(grpc::ServerReaderWriter<v1::Receipt, v1::EventBatch>* stream);

  mutable Mutex mutex_;
  Examiner* examiner_ KPR_PT_GUARDED_BY(mutex_);
  const Clock* clock_;
};

}  // namespace kpr
