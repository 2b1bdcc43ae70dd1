#include "ingest/conformance/examiner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"
#include "base/limits.h"
#include "kpr/v1/log.pb.h"

namespace kpr {
namespace {

Examiner::Lesson Passed(const std::string& name) {
  return {name, Examiner::Outcome::kPassed, "", true};
}
Examiner::Lesson Failed(const std::string& name, const std::string& why) {
  return {name, Examiner::Outcome::kFailed, why, true};
}
Examiner::Lesson NotSeen(const std::string& name, const std::string& why, bool required = true) {
  return {name, Examiner::Outcome::kNotSeen, why, required};
}
Examiner::Lesson Optional(const std::string& name, bool seen, const std::string& why) {
  return seen ? Examiner::Lesson{name, Examiner::Outcome::kPassed, "", false} : NotSeen(name, why, false);
}

}  // namespace

Examiner::Examiner(const Pseudonymizer* pseudonymizer, Instruments instruments)
    : instruments_(std::move(instruments)), session_({pseudonymizer, 1}, "conformance") {
  grant_.everything = true;
}

Examiner::Move Examiner::OnStream(int64_t now_ms) {
  ++streams_;
  if (streams_refused_ > 0 && !reopened_) {
    // Another of its streams is no second try.
    if (open_ == 0 && now_ms < reopen_from_) reopened_early_ = now_ms - reopen_from_ + kRetryMillis;
    reopened_ = true;
  }
  // The second stream, so that the client has met a good one.
  if (streams_ != 2) {
    ++open_;
    return Move::kAnswer;
  }
  ++streams_refused_;
  reopen_from_ = now_ms + kRetryMillis;
  return Move::kRefuseStream;
}

// Trouble comes in a fixed order, each with the first batch that brings new events; one sound batch between.
Examiner::Trouble Examiner::NextTrouble(const std::set<std::string>& ids) {
  static constexpr Trouble kScript[] = {Trouble::kNone,        Trouble::kRetryLater, Trouble::kNone,
                                        Trouble::kLoseReceipt, Trouble::kNone,       Trouble::kLoseBatch,
                                        Trouble::kNone,        Trouble::kRefuseOne};
  const bool fresh = std::any_of(ids.begin(), ids.end(), [&](const auto& id) { return !seen_.contains(id); });
  if (!fresh || troubles_ >= std::size(kScript)) return Trouble::kNone;
  return kScript[troubles_++];
}

void Examiner::NoteCopy(const v1::Event& event, const std::string& bytes, int64_t now_ms) {
  const std::string& id = event.event_id();
  const uint64_t content = Fnv1a(bytes);
  replaced_ = replaced_ || event.status() == v1::EVENT_STATUS_REPLACE;
  annulled_ = annulled_ || event.status() == v1::EVENT_STATUS_ANNUL;
  if (delayed_.contains(id) && now_ms < delayed_until_ && !too_early_ms_)
    too_early_ms_ = now_ms - delayed_until_ + kRetryMillis;
  const auto refused = refused_.find(id);
  if (refused != refused_.end() && refused->second.content == content) ++refused->second.again;
  const auto [seen, first] = seen_.try_emplace(id, Seen{content});
  // After a refusal an id may come with other content.
  if (!first && seen->second.content != content && seen->second.kept) conflicts_.insert(id);
  if (!seen->second.kept) seen->second.content = content;
}

void Examiner::Keep(const v1::EventBatch& batch, const v1::Receipt& receipt) {
  std::set<int> refused;
  for (const v1::EventResult& result : receipt.results()) {
    if (result.outcome() == v1::EventResult::OUTCOME_REFUSED)
      refused.insert(static_cast<int>(result.index()));
  }
  for (int i = 0; i < batch.events_size(); ++i) {
    v1::Event event;
    if (refused.contains(i) || !event.ParseFromString(batch.events(i))) continue;
    Seen& seen = seen_[event.event_id()];
    kept_ += seen.kept ? 0 : 1;
    seen.kept = true;
    refused_.erase(event.event_id());
    chain_.Add(
        {event.sequence(), *Uuid::Parse(event.event_id()), *Uuid::Parse(event.previous_event_id()), {}, -1});
  }
}

void Examiner::RefuseOnPurpose(const v1::EventBatch& batch, const std::vector<v1::Event>& events,
                               PreparedBatch* prepared) {
  v1::Receipt* receipt = &prepared->receipt;
  for (int i = 0; i < batch.events_size(); ++i) {
    const std::string& id = events[static_cast<size_t>(i)].event_id();
    const uint64_t content = Fnv1a(batch.events(i));
    const auto is_this = [&](const v1::EventResult& r) { return static_cast<int>(r.index()) == i; };
    if (std::any_of(receipt->results().begin(), receipt->results().end(), is_this)) continue;
    if (purpose_id_.empty()) {
      purpose_id_ = id;
      purpose_content_ = content;
    }
    if (id != purpose_id_ || content != purpose_content_) continue;
    v1::EventResult* result = receipt->add_results();
    result->set_index(static_cast<uint32_t>(i));
    result->set_event_id(id);
    result->set_outcome(v1::EventResult::OUTCOME_REFUSED);
    v1::Violation* violation = result->add_violations();
    violation->set_code(NameOf(ViolationCode::kOutOfRange));
    violation->set_field("conformance");
    violation->set_message_nb("Avvist med vilje av samsvarstesten");
    violation->set_message_en("Refused on purpose by the conformance test");
    receipt->set_accepted(receipt->accepted() - 1);
    std::erase_if(prepared->accepted,
                  [&](const auto& accepted) { return accepted.first == Uuid::Parse(id); });
    refused_.try_emplace(id, Refused{content, 0});
  }
}

Examiner::Answer Examiner::OnBatch(const v1::EventBatch& batch, int64_t now_ms) {
  largest_batch_ = std::max(largest_batch_, batch.events_size());
  if (batch.events_size() > static_cast<int>(limits::kBatchEvents))
    return {Move::kAnswer, RefusedBatch(batch.batch(), static_cast<uint64_t>(batch.events_size()))};
  std::set<std::string> ids;
  std::vector<v1::Event> events(static_cast<size_t>(batch.events_size()));
  for (int i = 0; i < batch.events_size(); ++i) {
    if (events[static_cast<size_t>(i)].ParseFromString(batch.events(i)))
      ids.insert(events[static_cast<size_t>(i)].event_id());
  }
  const Trouble trouble = NextTrouble(ids);
  for (int i = 0; i < batch.events_size(); ++i)
    NoteCopy(events[static_cast<size_t>(i)], batch.events(i), now_ms);
  if (trouble == Trouble::kRetryLater) {
    delayed_ = ids;
    delayed_played_ = true;
    delayed_until_ = now_ms + kRetryMillis;
    return {Move::kAnswer, RetryLater(batch.batch(), kRetryMillis, "the conformance test takes nothing now")};
  }
  if (trouble == Trouble::kLoseBatch) {
    cut_lost_ = ids;
    cut_lost_played_ = true;
    return {Move::kLoseBatch, {}};
  }
  PreparedBatch prepared = session_.Prepare(batch, {grant_, instruments_}, now_ms);
  for (const v1::EventResult& result : prepared.receipt.results()) {
    if (result.outcome() != v1::EventResult::OUTCOME_REFUSED) continue;
    for (const v1::Violation& violation : result.violations()) ++violations_[violation.code()];
    const int index = static_cast<int>(result.index());
    refused_.try_emplace(result.event_id(), Refused{Fnv1a(batch.events(index)), 0});
  }
  if (trouble == Trouble::kRefuseOne || !purpose_id_.empty()) RefuseOnPurpose(batch, events, &prepared);
  session_.RememberDurable(prepared);
  Keep(batch, prepared.receipt);
  Answer answer{Move::kAnswer, std::move(prepared.receipt)};
  if (trouble == Trouble::kLoseReceipt) {
    cut_kept_ = ids;
    cut_kept_played_ = true;
    answer.move = Move::kLoseReceipt;
  }
  return answer;
}

const Chain& Examiner::OnSubmissionState() {
  state_asked_ = true;
  return chain_;
}

Examiner::Lesson Examiner::Valid() const {
  const char* name = "events follow the rules";
  if (kept_ == 0) return NotSeen(name, "no event has been accepted");
  if (violations_.empty()) return Passed(name);
  std::string codes;
  for (const auto& [code, count] : violations_)
    codes += fmt::format("{}{} {}", codes.empty() ? "" : ", ", count, code);
  return Failed(name, codes + "; docs/codes.md has cause and cure of each");
}

Examiner::Lesson Examiner::Bounds() const {
  const char* name = "batches are of 1 to 10,000 events";
  if (streams_ == 0) return NotSeen(name, "no batch has come");
  if (largest_batch_ <= static_cast<int>(limits::kBatchEvents)) return Passed(name);
  return Failed(name, fmt::format("one had {}", largest_batch_));
}

Examiner::Lesson Examiner::KeepsContent() const {
  const char* name = "an event that is sent again is byte for byte the same";
  if (conflicts_.empty()) return kept_ == 0 ? NotSeen(name, "no event has been accepted") : Passed(name);
  return Failed(name, fmt::format("{} ids came with other content, the first is {}", conflicts_.size(),
                                  *conflicts_.begin()));
}

Examiner::Lesson Examiner::ChainHolds() const {
  const char* name = "each event names the one before, from the first on";
  if (kept_ == 0) return NotSeen(name, "no event has been accepted");
  // What was refused may leave a hole: its sender has yet to correct it or to close the gap.
  const size_t gaps = chain_.OpenGaps().size(), excused = refused_.size();
  if (gaps <= excused) return Passed(name);
  const Chain::Gap gap = chain_.OpenGaps().front();
  return Failed(
      name, fmt::format("{} gaps, the first between the sequences {} and {}", gaps, gap.after, gap.before));
}

Examiner::Lesson Examiner::ComesAgain(const char* name, const std::set<std::string>& ids, bool played) const {
  if (!played) return NotSeen(name, "it needs eight batches with new events: send smaller ones, or more");
  const auto lost = std::count_if(ids.begin(), ids.end(), [&](const std::string& id) {
    const auto seen = seen_.find(id);
    return (seen == seen_.end() || !seen->second.kept) && !refused_.contains(id);
  });
  if (lost == 0) return Passed(name);
  return Failed(name, fmt::format("{} of {} events have not come again", lost, ids.size()));
}

Examiner::Lesson Examiner::Retries() const {
  const char* name = "a batch answered with RETRY_LATER comes again, after the delay";
  const Lesson again = ComesAgain(name, delayed_, delayed_played_);
  if (again.outcome != Outcome::kPassed || !too_early_ms_) return again;
  return Failed(name, fmt::format("it came after {} of {} ms", *too_early_ms_, kRetryMillis));
}

Examiner::Lesson Examiner::ReopensLater() const {
  const char* name = "a refused stream is opened again, after the delay in RetryInfo";
  if (streams_refused_ == 0) return NotSeen(name, "no second stream has been opened");
  if (!reopened_) return Failed(name, "no stream was opened again");
  if (!reopened_early_) return Passed(name);
  return Failed(name, fmt::format("it was opened after {} of {} ms", *reopened_early_, kRetryMillis));
}

Examiner::Lesson Examiner::LeavesRefused() const {
  const char* name = "what is refused is corrected or given up, not sent again as it is";
  if (purpose_id_.empty())
    return NotSeen(name, "it needs eight batches with new events: send smaller ones, or more");
  const auto stubborn = std::find_if(refused_.begin(), refused_.end(),
                                     [](const auto& entry) { return entry.second.again > 1; });
  if (stubborn == refused_.end()) return Passed(name);
  return Failed(
      name, fmt::format("event {} came {} more times unchanged", stubborn->first, stubborn->second.again));
}

std::vector<Examiner::Lesson> Examiner::Report() const {
  return {
      Valid(),
      Bounds(),
      KeepsContent(),
      ChainHolds(),
      Retries(),
      ComesAgain("after a cut that lost the receipt nothing is missing", cut_kept_, cut_kept_played_),
      ComesAgain("after a cut that lost the batch its events come again", cut_lost_, cut_lost_played_),
      ReopensLater(),
      LeavesRefused(),
      Optional("the submission state is asked for, to send only what is missing", state_asked_,
               "all was sent again: allowed, and slower"),
      Optional("findings are read", findings_read_, "WatchFindings and ListFindings were not called"),
      Optional("a correction (REPLACE)", replaced_, "none came"),
      Optional("a correction (ANNUL)", annulled_, "none came"),
  };
}

}  // namespace kpr
