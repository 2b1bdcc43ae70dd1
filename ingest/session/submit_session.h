// The state of one submit stream: validates each event of a batch, replaces identities by pseudonyms, and
// returns what to append and the receipt to send once it is durable. Pure; one thread at a time.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "access/policy.h"
#include "base/date.h"
#include "base/ids.h"
#include "ingest/validation/instruments.h"
#include "kpr/v1/ingest.pb.h"
#include "kpr/v1/log.pb.h"
#include "registry/event_log/event_log.h"
#include "registry/pseudonym/pseudonymizer.h"

namespace kpr {

// What holds when a batch is judged.
struct Rules {
  const Grant& grant;  // the sender's
  const Instruments& instruments;
};

struct SessionContext {
  const Pseudonymizer* pseudonymizer = nullptr;
  uint32_t partitions = 1;
};

struct PreparedBatch {
  LogBatch append;      // empty: nothing to wait for
  v1::Receipt receipt;  // valid once `append` is durable
  // The latest day the accepted events were sent on, never ahead of the receiving clock; kFirstDate for none.
  Date data_day = kFirstDate;
  std::vector<std::pair<Uuid, uint64_t>> accepted;  // for RememberDurable
  size_t message_bytes = 0;                         // of the receipt's violations
};

class SubmitSession {
 public:
  SubmitSession(SessionContext context, std::string sender) : context_(context), sender_(std::move(sender)) {}

  // At most limits::kBatchEvents.
  PreparedBatch Prepare(const v1::EventBatch& batch, const Rules& rules, int64_t received_at_ms);
  // The batch is durable: its ids are known from now on.
  void RememberDurable(const PreparedBatch& batch);

  const std::string& sender() const { return sender_; }

 private:
  void PrepareEvent(uint32_t index, const std::string& bytes, const Rules& rules, int64_t received_at_ms,
                    PreparedBatch* prepared, v1::ChainRecord* chain);
  // `owner` is the sender, or the one that it continues.
  void Pseudonymize(const std::string& owner, v1::Event* event) const;
  void HashLocalIds(const std::string& owner, v1::Event* event) const;

  SessionContext context_;
  std::string sender_;
  v1::LogRecord record_;  // reused: the fastest way to parse
  std::string bytes_;
  std::unordered_map<Uuid, uint64_t, BytesHash>
      known_;  // id to hash of content, for limits::kDuplicateWindow ids
  std::deque<Uuid> order_;
  struct IdAndContentHash {
    size_t operator()(const std::pair<Uuid, uint64_t>& known) const {
      return BytesHash()(known.first) ^ known.second;
    }
  };
  // Accepted of the batch that is prepared.
  std::unordered_set<std::pair<Uuid, uint64_t>, IdAndContentHash> batch_;
};

// The receipt for a batch of which nothing was kept.
v1::Receipt RetryLater(uint64_t batch, uint32_t retry_after_ms, const std::string& why);
v1::Receipt RefusedBatch(uint64_t batch, uint64_t events);

}  // namespace kpr
