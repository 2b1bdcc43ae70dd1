#include "ingest/rpc/conformance_service.h"

#include <chrono>
#include <thread>

#include "access/grpc_status.h"
#include "ingest/feedback/report.h"

namespace kpr {

static constexpr std::chrono::milliseconds kFollowPause{50};

grpc::Status ConformanceService::SubmitEvents(grpc::ServerContext*,
                                              grpc::ServerReaderWriter<v1::Receipt, v1::EventBatch>* stream) {
  {
    const MutexLock lock(mutex_);
    if (examiner_->OnStream(clock_->UnixMillis()) == Examiner::Move::kRefuseStream)
      return ToGrpc(
          ResourceExhausted("the conformance test takes no stream now; open it again after the delay"));
  }
  const grpc::Status ended = Examine(stream);
  const MutexLock lock(mutex_);
  examiner_->OnStreamEnd();
  return ended;
}

grpc::Status ConformanceService::Examine(grpc::ServerReaderWriter<v1::Receipt, v1::EventBatch>* stream) {
  v1::EventBatch batch;
  while (stream->Read(&batch)) {
    Examiner::Answer answer;
    {
      const MutexLock lock(mutex_);
      answer = examiner_->OnBatch(batch, clock_->UnixMillis());
    }
    if (answer.move != Examiner::Move::kAnswer)
      return ToGrpc(Unavailable("the conformance test has cut the stream"));
    if (!stream->Write(answer.receipt)) return {grpc::StatusCode::CANCELLED, "the sender is gone"};
  }
  return grpc::Status::OK;
}

grpc::Status ConformanceService::GetSubmissionState(grpc::ServerContext*,
                                                    const v1::GetSubmissionStateRequest*,
                                                    v1::SubmissionState* response) {
  const MutexLock lock(mutex_);
  *response = SubmissionStateOf(examiner_->OnSubmissionState());
  return grpc::Status::OK;
}

grpc::Status ConformanceService::WatchFindings(grpc::ServerContext* context,
                                               const v1::WatchFindingsRequest* request,
                                               grpc::ServerWriter<v1::FindingChange>*) {
  {
    const MutexLock lock(mutex_);
    examiner_->OnFindings();
  }
  while (request->follow() && !context->IsCancelled()) std::this_thread::sleep_for(kFollowPause);
  return grpc::Status::OK;
}

grpc::Status ConformanceService::ListFindings(grpc::ServerContext*, const v1::ListFindingsRequest*,
                                              v1::ListFindingsResponse*) {
  const MutexLock lock(mutex_);
  examiner_->OnFindings();
  return grpc::Status::OK;
}

std::vector<Examiner::Lesson> ConformanceService::Report() const {
  const MutexLock lock(mutex_);
  return examiner_->Report();
}

uint64_t ConformanceService::answered_for_good() const {
  const MutexLock lock(mutex_);
  return examiner_->answered_for_good();
}

}  // namespace kpr
