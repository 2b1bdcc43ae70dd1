// Questions that take seconds: each sort of them has half of the cores at most, and callers have their turn.
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
