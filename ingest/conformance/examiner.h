// Plays a script of good and bad traffic against one client, and judges what the client makes of it: what it
// sends is judged by the real rules, and some batches are answered as a server in trouble answers. Pure; one
// thread at a time. Nothing is kept but ids and hashes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ingest/session/submit_session.h"
#include "registry/sender_chain/chain.h"

namespace kpr {

class Examiner {
 public:
  // How a call or a batch is answered.
  enum class Move {
    kAnswer,        // with the receipt
    kLoseReceipt,   // the events are kept, the stream is cut before the receipt
    kLoseBatch,     // nothing is kept, the stream is cut
    kRefuseStream,  // RESOURCE_EXHAUSTED, to be tried again after kRetryMillis
  };
  struct Answer {
    Move move = Move::kAnswer;
    v1::Receipt receipt;
  };
  enum class Outcome { kPassed, kFailed, kNotSeen };
  struct Lesson {
    std::string name;
    Outcome outcome = Outcome::kNotSeen;
    std::string why;  // of kFailed and kNotSeen
    bool required = true;
  };
  static constexpr int64_t kRetryMillis = 1000;

  // `pseudonymizer` outlives the examiner.
  Examiner(const Pseudonymizer* pseudonymizer, Instruments instruments);

  Move OnStream(int64_t now_ms);
  // Of a stream that was not refused.
  void OnStreamEnd() { --open_; }
  Answer OnBatch(const v1::EventBatch& batch, int64_t now_ms);
  const Chain& OnSubmissionState();
  void OnFindings() { findings_read_ = true; }

  // Distinct events that have been kept, or refused for good.
  uint64_t answered_for_good() const { return kept_ + refused_.size(); }
  // In a fixed order.
  std::vector<Lesson> Report() const;

 private:
  enum class Trouble { kNone, kRetryLater, kLoseReceipt, kLoseBatch, kRefuseOne };
  struct Seen {
    uint64_t content = 0;
    bool kept = false;
  };
  struct Refused {
    uint64_t content = 0;
    int again = 0;  // times it came unchanged
  };

  Trouble NextTrouble(const std::set<std::string>& ids);
  void NoteCopy(const v1::Event& event, const std::string& bytes, int64_t now_ms);
  void Keep(const v1::EventBatch& batch, const v1::Receipt& receipt);
  // One event, and that one again for as long as it comes unchanged.
  void RefuseOnPurpose(const v1::EventBatch& batch, const std::vector<v1::Event>& events,
                       PreparedBatch* prepared);
  Lesson Valid() const;
  Lesson Bounds() const;
  Lesson KeepsContent() const;
  Lesson ChainHolds() const;
  Lesson Retries() const;
  Lesson ComesAgain(const char* name, const std::set<std::string>& ids, bool played) const;
  Lesson ReopensLater() const;
  Lesson LeavesRefused() const;

  Instruments instruments_;
  Grant grant_;
  SubmitSession session_;
  Chain chain_;
  std::map<std::string, Seen> seen_;
  std::map<std::string, Refused> refused_;
  uint64_t kept_ = 0;
  size_t troubles_ = 0;  // played
  std::set<std::string> delayed_, cut_kept_, cut_lost_;
  bool delayed_played_ = false, cut_kept_played_ = false, cut_lost_played_ = false;
  int64_t delayed_until_ = 0, reopen_from_ = 0;
  std::optional<int64_t> too_early_ms_;    // how long a delayed batch was left alone
  std::optional<int64_t> reopened_early_;  // how long a refused stream was
  int streams_ = 0, open_ = 0, streams_refused_ = 0, largest_batch_ = 0;
  bool reopened_ = false, findings_read_ = false, state_asked_ = false, replaced_ = false, annulled_ = false;
  std::string purpose_id_;  // of the event that is refused on purpose
  uint64_t purpose_content_ = 0;
  std::set<std::string> conflicts_;
  std::map<std::string, uint64_t> violations_;
};

}  // namespace kpr
