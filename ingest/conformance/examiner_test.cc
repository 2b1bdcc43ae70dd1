#include "ingest/conformance/examiner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/support/sample_event.h"

namespace kpr {
namespace {

using test::SampleEvent;

// What a client may get wrong.
struct Habits {
  bool retries_at_once = false;  // a batch that was put off
  bool drops_put_off = false;    // the same, never sent again
  bool drops_cut = false;        // what was under way when the stream was cut
  bool changes_again = false;    // content of what it sends again
  bool insists = false;          // on what was refused
  bool reopens_at_once = false;  // a refused stream
  bool breaks_chain = false;     // names the wrong event as the one before
  bool breaks_rules = false;
};

// Sends `events` in batches of three, one after the other.
class Client {
 public:
  Client(Examiner* examiner, Habits habits) : examiner_(examiner), habits_(habits) {}

  void Run(int events) {
    for (int at = 0; at < events; at += 3) waiting_.push_back(Batch(at, std::min(3, events - at)));
    OpenStream();
    while (!waiting_.empty()) {
      const v1::EventBatch batch = waiting_.front();
      const Examiner::Answer answer = examiner_->OnBatch(batch, now_ += 10);
      if (answer.move == Examiner::Move::kAnswer) {
        waiting_.pop_front();
        Handle(batch, answer.receipt);
        continue;
      }
      examiner_->OnStreamEnd();
      if (habits_.drops_cut) waiting_.pop_front();
      if (habits_.changes_again) Change(&waiting_.front());
      OpenStream();
    }
  }

 private:
  static std::string IdOf(int number) { return fmt::format("7b9e1c34-0d2f-4a58-9c61-{:012}", number); }

  v1::EventBatch Batch(int first, int count) {
    v1::EventBatch batch;
    batch.set_batch(static_cast<uint64_t>(first));
    for (int number = first + 1; number <= first + count; ++number) {
      v1::Event event = SampleEvent();
      event.set_event_id(IdOf(number));
      event.set_sequence(static_cast<uint64_t>(number));
      const bool wrong = habits_.breaks_chain && number == 5;
      if (number > 1) event.set_previous_event_id(IdOf(wrong ? 1 : number - 1));
      if (habits_.breaks_rules && number == 5) event.set_municipality("9998");
      batch.add_events(event.SerializeAsString());
    }
    return batch;
  }

  static void Change(v1::EventBatch* batch) {
    v1::Event event;
    EXPECT_TRUE(event.ParseFromString(batch->events(0)));
    event.mutable_sent_at()->set_seconds(event.sent_at().seconds() + 1);
    batch->set_events(0, event.SerializeAsString());
  }

  void OpenStream() {
    while (examiner_->OnStream(now_ += 10) == Examiner::Move::kRefuseStream)
      now_ += habits_.reopens_at_once ? 0 : Examiner::kRetryMillis;
  }

  void Handle(const v1::EventBatch& batch, const v1::Receipt& receipt) {
    if (receipt.state() == v1::Receipt::STATE_RETRY_LATER && !habits_.drops_put_off) {
      now_ += habits_.retries_at_once ? 0 : Examiner::kRetryMillis;
      waiting_.push_front(batch);
    }
    const bool refused =
        std::any_of(receipt.results().begin(), receipt.results().end(),
                    [](const auto& result) { return result.outcome() == v1::EventResult::OUTCOME_REFUSED; });
    if (refused && habits_.insists && ++insisted_ < 4) waiting_.push_front(batch);
  }

  Examiner* examiner_;
  Habits habits_;
  std::deque<v1::EventBatch> waiting_;
  int64_t now_ = test::kReceivedMs;
  int insisted_ = 0;
};

// The names of the required lessons that were not passed.
std::vector<std::string> NotPassed(Habits habits, int events = 60) {
  const Pseudonymizer pseudonymizer = std::move(*Pseudonymizer::Create(std::string(32, 'k')));
  Examiner examiner(&pseudonymizer, {});
  Client(&examiner, habits).Run(events);
  std::vector<std::string> names;
  for (const Examiner::Lesson& lesson : examiner.Report()) {
    if (lesson.required && lesson.outcome != Examiner::Outcome::kPassed) names.push_back(lesson.name);
  }
  return names;
}

TEST(ExaminerTest, AClientThatDoesAsTheGuideSaysPasses) {
  EXPECT_EQ(NotPassed({}), std::vector<std::string>());
}

TEST(ExaminerTest, EachBadHabitFailsItsLesson) {
  const std::pair<Habits, const char*> kCases[] = {
      {{.retries_at_once = true}, "a batch answered with RETRY_LATER comes again, after the delay"},
      {{.drops_put_off = true}, "a batch answered with RETRY_LATER comes again, after the delay"},
      {{.drops_cut = true}, "after a cut that lost the batch its events come again"},
      {{.changes_again = true}, "an event that is sent again is byte for byte the same"},
      {{.insists = true}, "what is refused is corrected or given up, not sent again as it is"},
      {{.reopens_at_once = true}, "a refused stream is opened again, after the delay in RetryInfo"},
      {{.breaks_chain = true}, "each event names the one before, from the first on"},
      {{.breaks_rules = true}, "events follow the rules"},
  };
  for (const auto& [habits, lesson] : kCases) {
    const std::vector<std::string> failed = NotPassed(habits);
    EXPECT_NE(std::find(failed.begin(), failed.end(), lesson), failed.end()) << lesson;
  }
}

TEST(ExaminerTest, ASecondStreamBesideAnOpenOneIsNoSecondTry) {
  const Pseudonymizer pseudonymizer = std::move(*Pseudonymizer::Create(std::string(32, 'k')));
  Examiner examiner(&pseudonymizer, {});
  EXPECT_EQ(examiner.OnStream(0), Examiner::Move::kAnswer);
  EXPECT_EQ(examiner.OnStream(1), Examiner::Move::kRefuseStream);
  EXPECT_EQ(examiner.OnStream(2), Examiner::Move::kAnswer);
  for (const Examiner::Lesson& lesson : examiner.Report())
    EXPECT_NE(lesson.outcome, Examiner::Outcome::kFailed) << lesson.name;
}

TEST(ExaminerTest, WhoSendsTooLittleIsTold) {
  EXPECT_GE(NotPassed({}, 3).size(), 4u);
}

}  // namespace
}  // namespace kpr
