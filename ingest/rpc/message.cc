#include "ingest/rpc/message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"
#include "base/limits.h"
#include "ingest/his1135/his1135.h"

namespace kpr {
namespace {

using Action = his1135::Action;

v1::RowError::Action ActionOf(Action action) {
  switch (action) {
    case Action::kDeleteMessage:
      return v1::RowError::ACTION_MESSAGE_REFUSED;
    case Action::kDeleteRow:
      return v1::RowError::ACTION_ROW_REFUSED;
    case Action::kSetNull:
      return v1::RowError::ACTION_VALUE_CLEARED;
    case Action::kSetMinusOne:
      return v1::RowError::ACTION_VALUE_SET_UNKNOWN;
  }
  return v1::RowError::ACTION_UNSPECIFIED;
}

void Refuse(const std::string& reason, v1::MessageReceipt* receipt) {
  receipt->set_outcome(v1::MessageReceipt::OUTCOME_REFUSED);
  receipt->set_reason(reason);
  receipt->set_refused(receipt->notifications());
}

void AddRules(const his1135::Check& check, v1::MessageReceipt* receipt) {
  for (const his1135::Finding& finding : check.findings) {
    v1::RowError* error = receipt->add_errors();
    error->set_line(finding.line);
    error->set_action(ActionOf(finding.action));
    v1::Violation* violation = error->add_violations();
    violation->set_code("MESSAGE_RULE");
    violation->set_field(finding.attribute);
    violation->set_message_nb(finding.attribute + " " + finding.nb);
    violation->set_message_en(finding.attribute + " " + finding.en);
  }
}

}  // namespace

MessageBatch ReadMessage(const v1::SubmitMessageRequest& request, v1::MessageReceipt* receipt) {
  const his1135::Source source{"message", request.message()};
  MessageBatch batch;
  const auto check = his1135::CheckMessage(source);
  if (!check.ok()) {
    Refuse(check.status().message(), receipt);
    return batch;
  }
  receipt->set_notifications(static_cast<uint32_t>(check->notifications));
  AddRules(*check, receipt);
  receipt->set_errors_in_all(static_cast<uint32_t>(receipt->errors_size()));
  if (check->deleted) {
    Refuse("the message is marked deleted: nothing of it is kept; errors says why", receipt);
    return batch;
  }
  if (check->notifications > limits::kBatchEvents) {
    Refuse(fmt::format("the message has {} notifications, at most {} may be sent in one",
                       check->notifications, limits::kBatchEvents),
           receipt);
    return batch;
  }
  // It is part of every event.
  if (!Municipality::Parse(check->header.municipality)) {
    Refuse("Kommune/@kommuneNr: expected four digits", receipt);
    return batch;
  }
  receipt->set_refused(static_cast<uint32_t>(check->deleted_rows));
  const Status read = his1135::ReadEvents(source, *check, [&](const v1::Event& event, int line) {
    batch.events.add_events(event.SerializeAsString());
    batch.lines.push_back(line);
    return Status();
  });
  // It has been read to its end once.
  if (!read.ok()) {
    batch = {};
    Refuse(read.message(), receipt);
  }
  return batch;
}

void AddReceipt(const v1::Receipt& batch, const std::vector<int>& lines, v1::MessageReceipt* receipt) {
  receipt->set_outcome(v1::MessageReceipt::OUTCOME_ACCEPTED);
  receipt->set_accepted(batch.accepted());
  receipt->set_duplicates(batch.duplicates());
  for (const v1::EventResult& result : batch.results()) {
    if (result.outcome() != v1::EventResult::OUTCOME_REFUSED) continue;
    receipt->set_refused(receipt->refused() + 1);
    v1::RowError* error = receipt->add_errors();
    error->set_line(lines[result.index()]);
    error->set_event_id(result.event_id());
    error->set_action(v1::RowError::ACTION_ROW_REFUSED);
    *error->mutable_violations() = result.violations();
  }
  std::stable_sort(receipt->mutable_errors()->begin(), receipt->mutable_errors()->end(),
                   [](const v1::RowError& a, const v1::RowError& b) { return a.line() < b.line(); });
  receipt->set_errors_in_all(static_cast<uint32_t>(receipt->errors_size()));
  size_t bytes = receipt->ByteSizeLong();
  while (bytes > limits::kMessageReceiptBytes && receipt->errors_size() > 0) {
    bytes -= receipt->errors(receipt->errors_size() - 1).ByteSizeLong();
    receipt->mutable_errors()->RemoveLast();
  }
}

}  // namespace kpr
