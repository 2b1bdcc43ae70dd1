#include "access/question_queue.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "access/call_guard.h"
#include "base/limits.h"

namespace kpr {

double SteadySeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

FairQueueOptions QuestionQueue() {
  return {std::max(1, static_cast<int>(std::thread::hardware_concurrency() / 2)), SteadySeconds};
}

Result<FairQueue::Turn> TakeTurn(FairQueue* queue, const grpc::ServerContext& context) {
  return queue->Enter(PrincipalOf(context), limits::kWaitingQuestions,
                      [&context] { return context.IsCancelled(); });
}

}  // namespace kpr
