// A HIS 1135 message as a batch of events, and what comes of the batch as the message's receipt. Pure.
#pragma once

#include <vector>

#include "base/status.h"
#include "kpr/v1/ingest.pb.h"

namespace kpr {

struct MessageBatch {
  v1::EventBatch events;
  std::vector<int> lines;  // of each event's notification
};

// Reads the message, and writes to the receipt what its own rules say. No events where the receipt's outcome
// is OUTCOME_REFUSED.
MessageBatch ReadMessage(const v1::SubmitMessageRequest& request, v1::MessageReceipt* receipt);

// Adds what the batch's receipt says.
void AddReceipt(const v1::Receipt& batch, const std::vector<int>& lines, v1::MessageReceipt* receipt);

}  // namespace kpr
