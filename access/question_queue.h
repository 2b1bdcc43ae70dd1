// Questions that take seconds: half of the cores are for those who send, and callers have their turn.
// Any thread may call these.
#pragma once

#include <grpcpp/server_context.h>

#include "base/fair_queue.h"

namespace kpr {

double SteadySeconds();
FairQueueOptions QuestionQueue();
// The right to compute, by principal. kResourceExhausted: too many of the caller's wait.
Result<FairQueue::Turn> TakeTurn(FairQueue* queue, const grpc::ServerContext& context);

}  // namespace kpr
